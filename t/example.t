# SPDX-License-Identifier: Apache-2.0
# A stranger's way: mod_authsvc installed, the example provider built by apxs against the installed
# header alone, loaded, and given messages. The sketches of docs/writing-a-provider.md build, too.
use strict;
use warnings;

use File::Find qw(find);
use File::Path qw(make_path remove_tree);
use FindBin;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);

use AuthSvc::Client qw(fresh_email);
use AuthSvc::Httpd;

my $top = AuthSvc::Httpd::top();
my $dir = "$ENV{AUTHSVC_TEST_STATE}/example";
my $apxs = $ENV{APXS} || 'apxs';
remove_tree($dir);
make_path("$dir/build");

# True if the command ends well; what it printed is shown otherwise.
sub run_ok
{
    my ($command, $name) = @_;
    my $said = `($command) 2>&1`;
    my $fine = $? == 0;
    ok($fine, $name) or diag($said);
    return $fine;
}

sub spill
{
    my ($file, $text) = @_;
    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
    return;
}

sub slurp
{
    my ($file) = @_;
    open my $in, '<', $file or return '';
    local $/;
    return scalar <$in>;
}

run_ok("make -C '$top' install DESTDIR='$dir/root'", 'make install') or BAIL_OUT('not installed');
my %installed;
find(sub { $installed{$_} = $File::Find::dir }, "$dir/root");
ok($installed{'authsvc.h'}, 'the header is installed');
local $ENV{AUTHSVC_LIBS} = $installed{'mod_authsvc.so'};

# Builds a module of that name; the path of what LoadModule takes.
sub build_module
{
    my ($name, $text) = @_;
    spill("$dir/build/mod_$name.c", $text);
    run_ok("cd '$dir/build' && '$apxs' -c -Wc,-Wall -Wc,-Wextra -Wc,-Werror "
            . "-I'$installed{'authsvc.h'}' mod_$name.c", "apxs builds mod_$name.c");
    return "$dir/build/.libs/mod_$name.so";
}

my $example = build_module(authsvc_example => slurp("$top/examples/mod_authsvc_example.c"));

my @sketches = slurp("$top/docs/writing-a-provider.md") =~ /^```c\n(.*?)^```$/gms;
is(scalar @sketches, 3, 'the page has a sketch of each group');
my $lines = '';
for my $sketch (@sketches) {
    my ($name) = $sketch =~ /AP_DECLARE_MODULE\((\w+)\)/;
    $lines .= sprintf qq(LoadModule %s_module "%s"\n), $name, build_module($name, $sketch);
}
my ($good, $said) = AuthSvc::Httpd->new(dir => "$dir/sketches",
    extra => "${lines}AuthSvcDelivery email sketch\nAuthSvcIdentity sketch:corp\n"
        . "AuthSvcCaptcha sketch\n")->check;
ok($good, 'httpd loads the sketches and finds one of each group') or diag($said);

# A receiver that answers each request with the next status (the last one for ever) and writes
# "status, tab, head and body in one line" for each.
sub receive
{
    my ($log, @statuses) = @_;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die "$@\n";
    my $pid = fork // die "fork: $!\n";
    return ($listener->sockport, $pid) if $pid;
    while (my $client = $listener->accept) {
        my ($head, $body) = ('', '');
        while (my $line = <$client>) {
            $head .= $line =~ s/[\r\n]+/ /gr;
            last if $line eq "\r\n";
        }
        read $client, $body, $head =~ /Content-Length: (\d+)/ ? $1 : 0;
        my $status = @statuses > 1 ? shift @statuses : $statuses[0];
        open my $out, '>>', $log or die "$log: $!\n";
        print $out "$status\t$head\t$body\n";
        close $out;
        print $client "HTTP/1.1 $status X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        close $client;
    }
    exit 0;
}

# The requests a receiver has got, once there are so many.
sub requests
{
    my ($log, $count) = @_;
    my $end = time + 20;
    my @got;
    while ((@got = split /\n/, slurp($log)) < $count && time < $end) {
        sleep 0.1;
    }
    return map { [split /\t/] } @got;
}

sub refused
{
    my ($extra, @words) = @_;
    my $httpd = AuthSvc::Httpd->new(dir => "$dir/refused", extra => $extra);
    my ($fine, $message) = $httpd->check;
    my @lacking = grep { index($message, $_) < 0 } @words;
    ok(!$fine && !@lacking, "refused: $words[0]") or diag($message);
    return;
}

my $load = qq(LoadModule authsvc_example_module "$example"\n);
refused("${load}AuthSvcDelivery email example\n", 'AuthSvcExampleURL');
refused("${load}AuthSvcDelivery email nobody\n", 'example, file', 'nobody');

my ($port, $receiver) = receive("$dir/log", 503, 200);
my $httpd = AuthSvc::Httpd->new(dir => "$dir/httpd", extra => $load
        . "AuthSvcExampleURL http://127.0.0.1:$port/send\nAuthSvcDelivery email example\n")->start;
my $address = fresh_email();
my ($status) = $httpd->client->post(register => { email_or_phone => $address,
    password => 'secret-1' });
is($status, 200, 'somebody signs up');
my @got = requests("$dir/log", 2);
is_deeply([map { $_->[0] } @got], [503, 200], 'a receiver that is away is asked again');
my $message = decode_json($got[-1][2] || '{}');
is($message->{to}, $address, 'the message has its recipient');
is($message->{channel}, 'email', 'and its channel');
like($message->{text}, qr/(?<!\d)\d{6}(?!\d)/, 'and its text');
like($message->{id}, qr/^[0-9a-f]{32}$/, 'and an id');
like($_->[1], qr/ Idempotency-Key: $message->{id} /, 'which comes with each attempt') for @got;
like($got[-1][1], qr{^POST /send HTTP/1\.1 .*Content-Type: application/json }, 'as JSON');
$httpd->stop;
kill 'KILL', $receiver;
waitpid $receiver, 0;
unlike(slurp("$dir/httpd/logs/error_log"), qr/\Q$address\E/, 'the log does not name the recipient');
done_testing();
