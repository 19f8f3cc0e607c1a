# SPDX-License-Identifier: Apache-2.0
# README.md says nothing that does not happen: its shell blocks run in one shell, as somebody who
# follows it pastes them, and its configuration is one that httpd takes.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Httpd;
use AuthSvc::Outbox;

my $top = AuthSvc::Httpd::top();
my $dir = "$ENV{AUTHSVC_TEST_STATE}/readme";
my $readme = AuthSvc::Outbox::slurp("$top/README.md");
my ($commands, @blocks) = $readme =~ /^```sh\n(.*?)^```$/msg;
my ($configuration) = $readme =~ /^```apache\n(.*?)^```$/ms;

my $pair = qr/\{"access_token":.*"refresh_token":.*"token_type":"bearer"\}/;

# What each block prints.
my @printed = (
    ['the shell is prepared', qr/^$/],
    ['sign up', qr/^null\n\d{6}\nnull\n$/],
    ['sign in', qr/^$pair\n$/],
    ['a guarded page', qr/^\{"id":.*"email":"ann\@example\.com".*\}\n401\n.*protected page/s],
    ['refresh, sign out', qr/^$pair\nnull\nHTTP\/1\.1 401 Unauthorized\s*$/],
);

sub spew
{
    my ($file, $text) = @_;
    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
    return;
}

# Everything the blocks print, block by block.
sub run_blocks
{
    my ($httpd) = @_;
    my $script = join "echo '-- next'\n", @blocks;
    $script =~ s/127\.0\.0\.1:8080/127.0.0.1:$httpd->{port}/g;
    $script =~ s{var/outbox}{$httpd->{dir}/state/outbox}g;
    spew("$dir/blocks.sh", $script);
    return split /^-- next\n/m, `bash $dir/blocks.sh 2>&1`, -1;
}

# Paths are moved to where the test may write; nothing else is touched.
sub check_configuration
{
    my $libs = AuthSvc::Httpd::libs();
    my $text = $configuration =~ s{ modules/}{ $libs/}gr;
    $text =~ s{/var/lib/authsvc|/etc/authsvc}{$dir/own}g;
    AuthSvc::Httpd::make_state("$dir/own");
    my $around = qq(ServerName localhost\nListen 127.0.0.1:1\nErrorLog "$dir/own/error_log"\n);
    spew("$dir/own.conf", AuthSvc::Httpd::load_modules() . $around . $text);
    my $binary = AuthSvc::Httpd::binary();
    return scalar `$binary -t -f $dir/own.conf 2>&1`;
}

my @words = $commands =~ /^(\S+)/mg;
is("@words", 'scripts/quickstart scripts/test', 'the two commands');
ok(-x "$top/$_", "$_ is there") for @words;

is(scalar @blocks, scalar @printed, 'every block is known here');
my $httpd = AuthSvc::Httpd->new(dir => $dir)->start;
my @got = run_blocks($httpd);
$httpd->stop;
like($got[$_], $printed[$_][1], $printed[$_][0]) for 0 .. $#printed;

like(check_configuration(), qr/^Syntax OK$/m, 'the configuration is taken');

for my $path ($readme =~ /\]\(([^):]+)\)/g) {
    ok(-e "$top/$path", "$path is there");
}
done_testing();
