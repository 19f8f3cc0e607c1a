# SPDX-License-Identifier: Apache-2.0
# Signing keys and secrets change under a server in use: keys are published before they sign,
# tokens of older ones stay good, and only its refresh tokens miss a secret that has left the file.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(decode_base64url);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use AuthSvc::Client qw(json fresh_email);
use AuthSvc::Httpd;

my $LEAD = 8;      # seconds
my $PATIENCE = 90; # a child that nobody asks loads the keys once in 75 s
my $MANY = 40;     # requests, so that every child gets some

my $dir = "$ENV{AUTHSVC_TEST_STATE}/own-keys";
my $httpd = AuthSvc::Httpd->new(dir => $dir)->start;
my $client = $httpd->client;
my @where = ('--params', "$dir/state/authsvc.db", '--secret-file', "$dir/state/secret");

sub ctl
{
    my (@command) = @_;
    open my $pipe, '-|', AuthSvc::Httpd::ctl(), @where, @command or die "authsvcctl: $!\n";
    my $said = join '', <$pipe>;
    close $pipe;
    return ($? >> 8, $said);
}

sub ctl_ok
{
    my ($name, @command) = @_;
    my ($code, $said) = ctl(@command);
    is($code, 0, $name);
    return $said;
}

sub kid_of
{
    my ($token) = @_;
    return json->decode(decode_base64url((split /\./, $token)[0]))->{kid};
}

# Kids as this moment's answer has them.
sub published
{
    my $reply = $client->get('/.well-known/jwks.json');
    return map { $_->{kid} } @{ json->decode($reply->{body})->{keys} };
}

sub good
{
    my ($token, $times) = @_;
    return grep({ $client->get('me', $token)->{status} == 200 } 1 .. $times) == $times;
}

sub refresh
{
    my ($tokens) = @_;
    return $client->post(refresh => { refresh_token => $tokens->{refresh_token} });
}

sub until_true
{
    my ($seconds, $condition) = @_;
    my $end = time + $seconds;
    while (time < $end) {
        return 1 if $condition->();
        sleep 0.3;
    }
    return 0;
}

# New children for all old ones, as `apachectl graceful` brings them.
sub graceful
{
    my %before = map { $_ => 1 } $httpd->children;
    kill 'USR1', $httpd->{pid};
    my $done = until_true(30, sub { !grep { $before{$_} } $httpd->children });
    ok($done, 'a graceful restart');
    return $httpd->wait_up;
}

# A user in a process of his own, until the pipe's end is closed: how many of his requests failed.
sub busy_user
{
    my ($tokens) = @_;
    pipe(my $stop, my $hold) or die "pipe: $!\n";
    my $pid = open(my $answer, '-|') // die "fork: $!\n";
    if ($pid == 0) {
        close $hold;
        my $bits = '';
        my $failed = 0;
        do {
            my ($status, $next) = refresh($tokens);
            $failed++ if $status != 200;
            $tokens = $next if $status == 200;
            $failed++ if !good($tokens->{access_token}, 3);
            vec($bits, fileno $stop, 1) = 1;
        } until select(my $ready = $bits, undef, undef, 0.02);
        print $failed;
        POSIX::_exit(0);
    }
    close $stop;
    return sub { close $hold; my $failed = <$answer>; close $answer; return $failed };
}

# ---- rotation ----

my $address = $client->sign_up(fresh_email(), 'secret-1');
my $first = $client->sign_in($address, 'secret-1');
my $old = kid_of($first->{access_token});
is_deeply([published()], [$old], 'one key is published');
my ($code) = ctl('key', 'drop', '1');
is($code, 1, 'the key that signs is not dropped');
($code) = ctl('key', 'rotate', 'soon');
is($code, 2, 'a lead is a duration');

my $made = time;
like(ctl_ok('key rotate', 'key', 'rotate', "${LEAD}s"), qr/signs from \d{4}-/, 'it says when');
($code) = ctl('key', 'rotate', '1h');
is($code, 1, 'no second one beside it');
my $seen = until_true(3, sub { sleep 1; grep({ published() == 2 } 1 .. $MANY) == $MANY });
ok($seen, 'it is published by every child');
my ($new) = grep { $_ ne $old } published();
my $before = $client->sign_in($address, 'secret-1');
SKIP: {
    skip 'this machine is too slow', 1 if time - $made >= $LEAD;
    is(kid_of($before->{access_token}), $old, 'and does not sign yet');
}
sleep $made + $LEAD + 0.5 - time if time < $made + $LEAD + 0.5;
my $after;
my $signs = until_true($PATIENCE, sub {
    my @tokens = map { $client->sign_in($address, 'secret-1') } 1 .. 10;
    $after = $tokens[-1];
    return grep({ kid_of($_->{access_token}) eq $new } @tokens) == @tokens;
});
ok($signs, 'after the lead it signs everywhere');
ok(good($_->{access_token}, $MANY), 'a token is good in every child') for $first, $before, $after;
my $list = ctl_ok('key list', 'key', 'list');
like($list, qr/^1 +$old .* old, until /m, 'the old key is listed');
like($list, qr/^2 +$new .* signing$/m, 'the new one, too');

my $user = busy_user($client->sign_in($address, 'secret-1'));
ctl_ok('key rotate --now', 'key', 'rotate', '--now');
my $third = until_true($PATIENCE, sub {
    my $signer = kid_of($client->sign_in($address, 'secret-1')->{access_token});
    published();
    return $signer ne $old && $signer ne $new;
});
ok($third, 'a key at once');
graceful();
is($user->(), 0, 'a user does not notice any of it');

# ---- secrets ----

my $idle = $client->sign_in($address, 'secret-1');
my $waiting = fresh_email();
($code) = $client->post(register => { email_or_phone => $waiting, password => 'secret-1' });
is($code, 200, 'a sign-up waits for its code');
my $digits = $client->code($waiting);

sub write_secrets
{
    my (@lines) = @_;
    open my $out, '>', "$dir/state/secret" or die "secret: $!\n";
    print $out @lines;
    close $out or die "secret: $!\n";
    return;
}

sub secret_in
{
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!\n";
    return scalar <$in>;
}

my $old_secret = secret_in("$dir/state/secret");
AuthSvc::Httpd::ctl_ok('secret', 'create', "$dir/state/next-secret");
my $new_secret = secret_in("$dir/state/next-secret");

write_secrets($new_secret, $old_secret);
graceful();
my ($status, $moved) = refresh($first);
is($status, 200, 'a refresh token of the old secret is good');
ok(good($_->{access_token}, $MANY), 'access tokens are') for $before, $after, $moved;
($status) = $client->post(verify => { email_or_phone => $waiting, code => $digits });
is($status, 200, 'a code is');
$list = ctl_ok('secret reseal', 'secret', 'reseal');
like($list, qr/^as_key +3 sealed anew, 0 already/m, 'it counts');
$list = ctl_ok('once more', 'secret', 'reseal');
like($list, qr/^as_key +0 sealed anew, 3 already/m, 'and ends');

write_secrets($new_secret);
$httpd->stop;
$httpd->start;
ok(good($_->{access_token}, $MANY), 'access tokens outlive the old secret') for $after, $moved;
($status, $moved) = refresh($moved);
is($status, 200, 'refresh tokens of the new one are good');
($status) = refresh($idle);
is($status, 400, 'those of the old one only now are not');

# ---- the end of a key ----

ctl_ok('key drop', 'key', 'drop', '1');
my $gone = until_true($PATIENCE, sub {
    published();
    return !good($before->{access_token}, 1);
});
ok($gone, 'a dropped key takes its tokens along');
($status) = refresh($moved);
is($status, 200, 'and nobody\'s session');

write_secrets($old_secret);
(undef, $list) = ctl('key', 'list');
like($list, qr/^2 +no secret of the file opens it$/m, 'a key that is shut is listed as such');
($code) = ctl('key', 'rotate');
is($code, 1, 'and none is made beside it');
$httpd->stop;
done_testing();
