# SPDX-License-Identifier: Apache-2.0
# A database that is locked, missing or read-only: 503 in the contract's shape, pages stay up,
# and it heals by itself.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Path qw(remove_tree);
use IPC::Open2 qw(open2);
use MIME::Base64 qw(encode_base64);
use Test::More;

use AuthSvc::Client qw(json fresh_email);
use AuthSvc::Httpd;

my $dir = "$ENV{AUTHSVC_TEST_STATE}/own-database";
my %wrong = (email_or_phone => 'nobody@example.com', password => 'secret-1');
my %nobody = (email => 'nobody@example.com', password => 'secret-12');

# A sign-in at each contract, and what that contract says when it cannot be told.
my @contracts = (
    ['/trainova/auth/login', \%wrong, { detail => 'Service unavailable' }],
    ['/bioentrust/user/signin', \%nobody, { error => 'Service unavailable' }],
    ['/bioentrust/user/forgot-password', { email => $nobody{email} },
        { error => 'Service unavailable' }],
    ['/auth-controller/auth/sign-in', { credentials => \%nobody, captchaToken => 'any' },
        { statusCode => 503, message => 'Service unavailable', error => 'Service Unavailable' }],
    ['/authentication-api/auth/login', \%nobody, { message => 'Service unavailable' }],
);
my ($httpd, $client);

sub start
{
    $httpd = AuthSvc::Httpd->new(dir => $dir)->start;
    $client = $httpd->client('apart.test');
    return;
}

sub newcomer
{
    return { email_or_phone => fresh_email(), password => 'secret-1' };
}

sub refuses
{
    my ($what, $route, $members) = @_;
    my $reply = $client->request('POST', $client->path($route),
        [['Content-Type', 'application/json']], json->encode($members));
    is($reply->{status}, 503, "$what: 503");
    like($reply->{headers}{'retry-after'}[0] // '', qr/^[1-9]\d*$/, "$what: Retry-After");
    is($reply->{headers}{'content-type'}[0], 'application/json', "$what: JSON");
    is($reply->{body}, '{"detail":"Service unavailable"}', "$what: the contract's shape");
    is($client->get('/')->{status}, 200, "$what: pages are served");
    my ($status) = $httpd->client->post(login => \%wrong);
    is($status, 400, "$what: another service does not notice");
    return;
}

sub refuses_everywhere
{
    my ($what) = @_;
    for my $contract (@contracts) {
        my ($path, $members, $expected) = @$contract;
        my ($status, $got) = $client->post($path, $members);
        is($status, 503, "$what, $path: 503");
        is_deeply($got, $expected, "$what, $path: in its contract's shape");
    }
    my $basic = encode_base64("$nobody{email}:$nobody{password}", '');
    my $reply = $client->request('GET', '/basic/index.html', [['Authorization', "Basic $basic"]]);
    is($reply->{status}, 503, "$what, Basic: 503");
    return;
}

sub heals
{
    my ($what) = @_;
    my $status = 0;
    for (1 .. 20) {
        ($status) = $client->post(register => newcomer());
        last if $status == 200;
        sleep 1;
    }
    is($status, 200, "$what: it heals by itself");
    return;
}

my $file = "$dir/state/apart-authsvc.db";
start();

SKIP: {
    skip 'no sqlite3 program', 7 unless grep { -x "$_/sqlite3" } split /:/, $ENV{PATH};
    my $pid = open2(my $from, my $to, 'sqlite3', $file);
    print $to ".timeout 10000\nBEGIN EXCLUSIVE;\nSELECT 'held';\n";
    is(scalar <$from>, "held\n", 'the database is locked');
    refuses('locked', register => newcomer());
    print $to "ROLLBACK;\n";
    close $to;
    waitpid $pid, 0;
    heals('unlocked');
}
$httpd->stop;

rename "$dir/state", "$dir/kept" or die "rename: $!\n";
mkdir "$dir/state" or die "mkdir: $!\n";
system('cp', '-r', glob("$dir/kept/*"), "$dir/state") == 0 or die "cp\n";
unlink glob("$file*");
mkdir $file or die "mkdir: $!\n";
start();
refuses('missing', login => \%wrong);
refuses_everywhere('missing');
rmdir $file or die "rmdir: $!\n";
system('cp', "$dir/kept/apart-authsvc.db", $file) == 0 or die "cp\n";
heals('put back');
$httpd->stop;

SKIP: {
    skip 'root may write everywhere', 8 if $> == 0;
    unlink "$file-wal", "$file-shm";
    chmod 0400, $file;
    start();
    refuses('read-only', register => newcomer());
    chmod 0600, glob("$file*"); # SQLite gave its side files the mode of the database
    heals('writable again');
    $httpd->stop;
}
remove_tree("$dir/kept");
done_testing();
