# SPDX-License-Identifier: Apache-2.0
# Limits: what a refusal looks like, whose tries count together, and that parallel clients, killed
# children and a graceful restart give nobody a try more.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep);

use AuthSvc::Client qw(json fresh_email fresh_phone);
use AuthSvc::Httpd;
use AuthSvc::Storm;

my $TRIES = 3; # signin of limits.test, an account's
my $CLIENT_TRIES = 10 * $TRIES;
my $PASSWORD = 'correct-horse-1';

my $httpd = AuthSvc::Httpd->new(dir => "$ENV{AUTHSVC_TEST_STATE}/throttle")->start;
my $client = $httpd->client('limits.test');
my $serial = 0;

# Nobody has used it.
sub fresh_ip { return sprintf '192.0.2.%d', ++$serial }

sub call
{
    my ($route, $members, $ip) = @_;
    my @headers = (['Content-Type', 'application/json'], ['X-Forwarded-For', $ip // fresh_ip()]);
    return $client->request('POST', $client->path($route), \@headers, json->encode($members));
}

sub sign_in
{
    my ($address, $password, $ip) = @_;
    return call(login => { email_or_phone => $address, password => $password }, $ip);
}

# The statuses of count calls, as "400 400 429".
sub statuses
{
    my ($count, $work) = @_;
    return join ' ', map { $work->()->{status} } 1 .. $count;
}

sub wrong_tries
{
    my ($count, $address) = @_;
    return statuses($count, sub { sign_in($address, 'wrong') });
}

# The refusal itself.
my $ann = $client->sign_up(fresh_email(), $PASSWORD);
is(wrong_tries($TRIES, $ann), '400 400 400', 'wrong tries are answered');
my $reply = sign_in($ann, $PASSWORD);
is($reply->{status}, 429, 'then even the right password is refused');
is_deeply(json->decode($reply->{body}), { detail => 'Too many requests' }, 'in the shape of all');
is($reply->{headers}{'content-type'}[0], 'application/json', 'as JSON');
is($reply->{headers}{'cache-control'}[0], 'no-store', 'not to be stored');
my $wait = $reply->{headers}{'retry-after'}[0];
ok($wait > 1150 && $wait <= 1200, "Retry-After is the time until the next try: $wait");
is(sign_in(uc $ann, $PASSWORD)->{status}, 429, 'another spelling is the same account');
is(call(login => { email_or_phone => $ann }, fresh_ip())->{status}, 422, 'members come first');

# A success gives its try back, an unknown account counts as any other.
my $bob = $client->sign_up(fresh_email(), $PASSWORD);
is(statuses(8, sub { sign_in($bob, $PASSWORD) }), join(' ', (200) x 8), 'success is not limited');
is(wrong_tries($TRIES + 1, $bob), '400 400 400 429', 'nor does it leave more tries');
is(wrong_tries($TRIES + 1, fresh_email()), '400 400 400 429', 'an unknown address');
is(wrong_tries($TRIES + 1, fresh_phone()), '400 400 400 429', 'an unknown number');

# By client: what mod_remoteip says, IPv6 by its /64.
for my $row (['IPv4', '198.51.100.7', '198.51.100.7', '198.51.100.8'],
    ['IPv6', '2001:db8:1::1', '2001:db8:1::2:1', '2001:db8:1:1::1']) {
    my ($name, $first, $same, $other) = @$row;
    my $tries = statuses($CLIENT_TRIES, sub { sign_in(fresh_email(), 'wrong', $first) });
    is($tries, join(' ', (400) x $CLIENT_TRIES), "$name: ten times an account's tries");
    is(sign_in(fresh_email(), 'wrong', $same)->{status}, 429, "$name: and no more");
    is(sign_in(fresh_email(), 'wrong', $other)->{status}, 400, "$name: a neighbour has his own");
}

# Messages: each is counted, whoever asks for it and whether or not there is an account.
my $carl = fresh_email();
my %register = (email_or_phone => $carl, password => $PASSWORD);
is(call(register => \%register)->{status}, 200, 'a first message');
is(call(resend => { email_or_phone => $carl })->{status}, 200, 'a second');
is(call(register => \%register)->{status}, 429, 'no third by register');
is(call($_ => { email_or_phone => $carl })->{status}, 429, "nor by $_")
    for qw(resend forgot-password);
my $nobody = fresh_email();
is(statuses(3, sub { call('forgot-password' => { email_or_phone => $nobody }) }), '200 200 429',
    'an unknown destination');

# Sign-ups that are refused tell who has an account: they count for the client.
my $ip = fresh_ip();
my %taken = (email_or_phone => $ann, password => $PASSWORD);
is(statuses(11, sub { call(register => \%taken, $ip) }), join(' ', (400) x 10, 429),
    'sign-ups of taken addresses');

# Whoever waits as long as he is told gets in.
my $brisk = $httpd->client('brisk.test');
my %wrong = (email_or_phone => fresh_email(), password => 'wrong');
is(($brisk->post(login => \%wrong))[0], 400, 'brisk: a first try');
my @json = (['Content-Type', 'application/json']);
$reply = $brisk->request('POST', $brisk->path('login'), \@json, json->encode(\%wrong));
is($reply->{status}, 429, 'brisk: a second one at once');
sleep $reply->{headers}{'retry-after'}[0];
is(($brisk->post(login => \%wrong))[0], 400, 'brisk: after Retry-After');

# At once, over all children.
for my $run (1 .. 3) {
    my $address = fresh_email();
    my @got = AuthSvc::Storm::together(16, sub { sign_in($address, 'wrong', "203.0.113.$run")
        ->{status} });
    is(grep({ $_ == 400 } @got), $TRIES, "sixteen at once, run $run: $TRIES tries");
    is(grep({ $_ == 429 } @got), 16 - $TRIES, "and the others refused");
}

# Limits outlive processes.
$httpd->kill_child for 1 .. 3;
$httpd->wait_up;
is(sign_in($ann, $PASSWORD)->{status}, 429, 'after children were killed');
my $dora = fresh_email();
is(wrong_tries(2, $dora), '400 400', 'two tries before a graceful restart');
my %before = map { $_ => 1 } $httpd->children;
kill 'USR1', $httpd->{pid};
for (1 .. 100) {
    last unless grep { $before{$_} } $httpd->children;
    sleep 0.1;
}
$httpd->wait_up;
is(wrong_tries(2, $dora), '400 429', 'one and no more after it');
is(sign_in($ann, $PASSWORD)->{status}, 429, 'and who was refused still is');
$httpd->stop;
done_testing();
