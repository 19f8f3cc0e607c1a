# SPDX-License-Identifier: Apache-2.0
# Require authsvc-…: who passes, and how the others are told. Rows are those of docs/guard.md.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep);

use AuthSvc::Guard;

my $guard = AuthSvc::Guard->new(name => 'guard-rules');
my $site = $guard->{site};
my %who = (ann => $guard->account('admin', 'writer'), bob => $guard->account,
    cyd => $guard->account('banned'));
$guard->ctl('team', 'add', $guard->{team}, $who{ann});
$guard->ctl('role', 'add', $who{ann}, 'captain', '--team', $guard->{team});
my %token = map { $_ => $guard->token($who{$_}) } keys %who;

my $scope = 'Bearer realm="guard", error="insufficient_scope"';
my $again = 'Bearer realm="guard", error="insufficient_user_authentication"';
my $none = 'Bearer realm="guard"';

# [path below /rule/, who or '', status, challenge]
my @rows = (
    ['open', 'bob', 200], ['open', '', 401, $none],
    ['role', 'ann', 200], ['role', 'bob', 403, $scope], ['role', '', 401, $none],
    ['team', 'ann', 200], ['team', 'bob', 403, $scope],
    ['team-role', 'ann', 200], ['team-role', 'bob', 403, $scope],
    ['mfa', 'ann', 401, "$again, acr_values=\"mfa\""], ['mfa', '', 401, $none],
    ['fresh', 'ann', 200],
    ['verified', 'ann', 200], ['verified', '', 401, $none],
    ['claim-text', 'bob', 200], ['claim-number', 'bob', 200], ['claim-array', 'bob', 200],
    ['claim-other', 'bob', 403, $scope], ['claim-none', 'bob', 403, $scope],
    ['claim-other', '', 401, $none],
    ['user', 'bob', 403, $scope],
    ['all', 'bob', 403, $scope], ['all', 'ann', 401, "$again, acr_values=\"mfa\""],
    ['any', 'ann', 200], ['any', 'bob', 401, "$again, acr_values=\"mfa\""],
    ['none', 'bob', 200], ['none', 'cyd', 403, $scope], ['none', '', 401, $none],
    ['not', 'bob', 200], ['not', 'cyd', 403, $scope], ['not', '', 401, $none],
    ['ip', '', 200], ['ip', 'bob', 200],
    ['ip-other', 'ann', 200], ['ip-other', 'bob', 403, $scope], ['ip-other', '', 401, $none],
    ['ip-and', 'bob', 403], ['ip-and', '', 403],
    ['denied', 'ann', 403], ['denied', '', 403],
    ['merged', 'ann', 200], ['merged', 'bob', 403, $scope],
    ['merged-or', 'bob', 200],
    ['forbidden', 'bob', 403],
    ['if', 'bob', 200], ['if?strict', 'bob', 403, $scope], ['if?strict', 'ann', 200],
    ['expr', 'bob', 200], ['expr', '', 401, $none], ['expr-other', 'bob', 403, $scope],
    ['expr-other', '', 401, $none],
    ['post', '', 200],
);

sub challenge
{
    my ($reply) = @_;
    return join ' / ', @{ $reply->{headers}{'www-authenticate'} || [] };
}

sub answers
{
    my ($path, $whose, $status, $challenge) = @_;
    my $name = "/rule/$path for " . ($whose || 'nobody');
    for my $method (qw(GET HEAD)) {
        my @headers = $whose ? ['Authorization', "Bearer $token{$whose}"] : ();
        my $reply = $site->request($method, "/rule/$path", \@headers);
        is($reply->{status}, $status, "$method $name");
        is(challenge($reply), $challenge // '', "$method $name: challenge");
        is($reply->{body}, '', "$name: no body") if $method eq 'HEAD';
    }
    return;
}

answers(@$_) for @rows;

is($site->request('POST', '/rule/post', [['Authorization', "Bearer $token{bob}"]], '')->{status},
    403, 'a rule within <Limit POST> holds for POST');

my $reply = $site->get('/htaccess/page.shtml', $token{ann});
is($reply->{status}, 200, '.htaccess: the admin gets in');
like($reply->{body}, qr/^REMOTE_USER=\Q$who{ann}\E$/m, '.htaccess: AuthSvcRemoteUser');
is($site->get('/htaccess/page.shtml', $token{bob})->{status}, 403, '.htaccess: others do not');
is($site->get('/htaccess/page.shtml')->{status}, 401, '.htaccess: and nobody without a token');

sleep 3.1;
answers('stale', 'ann', 401, "$again, max_age=2");
answers('all-fresh', 'ann', 401, "$again, acr_values=\"mfa\", max_age=2");
answers('stale', '', 401, $none);

# a role taken away is refused at once, or as soon as the feed was read
my $other = $guard->account('admin');
my $tokens = $guard->{api}->sign_in($other, $AuthSvc::Guard::PASSWORD);
is($site->get('/rule/role', $tokens->{access_token})->{status}, 200, 'with the role');
$guard->ctl('role', 'remove', $other, 'admin');
my $end = time + 5;
sleep 0.1 while $site->get('/rule/role', $tokens->{access_token})->{status} == 200 && time < $end;
is($site->get('/rule/role', $tokens->{access_token})->{status}, 401, 'its token dies');
my (undef, $fresh) = $guard->{api}->post(refresh => { refresh_token => $tokens->{refresh_token} });
is($site->get('/rule/role', $fresh->{access_token})->{status}, 403,
    'the session goes on without it');
$guard->ctl('role', 'add', $other, 'admin');
(undef, $fresh) = $guard->{api}->post(refresh => { refresh_token => $fresh->{refresh_token} });
is($site->get('/rule/role', $fresh->{access_token})->{status}, 200, 'and gets it back');
done_testing();
