# SPDX-License-Identifier: Apache-2.0
# Where an answer must not tell whether an account exists, the time it takes does not, either: two
# kinds of addresses take turns, their medians are compared. Run by t/TEST bench/timing.t.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../t/lib";
use Test::More;
use Time::HiRes qw(sleep time);

use AuthSvc::Client qw(fresh_email);

my $TURNS = 60;
my $PAUSE = 0.01; # the outbox works meanwhile, and would slow one kind down
my $RATIO = 1.3;
my $PASSWORD = 'secret-1';

my $client = AuthSvc::Client->new(host => 'discreet.test');
my $known = $client->sign_up(fresh_email(), $PASSWORD);
my $free = fresh_email();
$client->post(register => { email_or_phone => $_, password => $PASSWORD }) for $known, $free;

sub nobody { return fresh_email() }
sub known { return $known }
sub free { return $free }

# [what, route, members beside the address, one kind of address, another]
my @rows = (
    ['a wrong password', 'login', { password => 'wrong-1' }, \&known, \&nobody],
    ['a wrong password, pending', 'login', { password => 'wrong-1' }, \&free, \&nobody],
    ['a sign-up', 'register', { password => $PASSWORD }, \&known, \&free],
    ['a wrong code after a sign-up', 'verify', { code => '000000' }, \&known, \&free],
    ['a code once more', 'resend', {}, \&known, \&nobody],
    ['a forgotten password', 'forgot-password', {}, \&known, \&nobody],
    ['a wrong code for a new password', 'reset-password',
        { code => '000000', password => $PASSWORD }, \&known, \&nobody],
);

sub seconds
{
    my ($route, $members, $address) = @_;
    sleep $PAUSE;
    my $start = time;
    $client->post($route, { %$members, email_or_phone => $address });
    return time - $start;
}

sub median
{
    my (@sorted) = sort { $a <=> $b } @_;
    return $sorted[@sorted / 2];
}

for my $row (@rows) {
    my ($what, $route, $members, @kinds) = @$row;
    my @times = ([], []);
    for my $turn (1 .. 2 * $TURNS) {
        push @{ $times[$turn % 2] }, seconds($route, $members, $kinds[$turn % 2]->());
    }
    my ($less, $more) = sort { $a <=> $b } map { median(@$_) } @times;
    cmp_ok($more / $less, '<', $RATIO, sprintf '%s: %.2f and %.2f ms', $what, map { $_ * 1000 }
        $less, $more);
}
done_testing();
