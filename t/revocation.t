# SPDX-License-Identifier: Apache-2.0
# Revocation in shared memory: a session that has ended is refused at once by every child, after kills and
# restarts, on a second node soon; without news from the database nobody is let in on trust.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use AuthSvc::Client qw(fresh_email);
use AuthSvc::Httpd;

my $PASSWORD = 'correct horse';
my $dir = "$ENV{AUTHSVC_TEST_STATE}/own-revocation";
my $quick = "AuthSvcRevocationSync 100ms\nAuthSvcRevocationMaxAge 1500ms\n";
my $httpd = AuthSvc::Httpd->new(dir => $dir, extra => $quick)->start;
my $client = $httpd->client;
my $address = $client->sign_up(fresh_email(), $PASSWORD);

# How often each status came.
sub statuses
{
    my ($from, $token, $count) = @_;
    my %seen;
    $seen{ $from->get('/protected/', $token)->{status} }++ for 1 .. $count;
    return \%seen;
}

sub sign_out
{
    my ($tokens) = @_;
    my ($status) = $client->post(logout => { refresh_token => $tokens->{refresh_token} });
    is($status, 200, 'signed out');
    return;
}

sub graceful
{
    my ($server) = @_;
    kill 'USR1', $server->{pid};
    sleep 0.5;
    $server->wait_up;
    return;
}

my $ended = $client->sign_in($address, $PASSWORD);
my $alive = $client->sign_in($address, $PASSWORD);
is_deeply(statuses($client, $ended->{access_token}, 50), { 200 => 50 }, 'seen by all children');
sign_out($ended);
is_deeply(statuses($client, $ended->{access_token}, 200), { 401 => 200 }, 'refused by all of them');

kill 'KILL', $httpd->children;
$httpd->wait_up;
is_deeply(statuses($client, $ended->{access_token}, 50), { 401 => 50 }, 'after their death');
is_deeply(statuses($client, $alive->{access_token}, 20), { 200 => 20 }, 'but not who is signed in');

graceful($httpd);
is_deeply(statuses($client, $ended->{access_token}, 50), { 401 => 50 }, 'after a graceful restart');
is_deeply(statuses($client, $alive->{access_token}, 20), { 200 => 20 }, 'but not who is signed in');

$httpd->stop;
$httpd->start;
is_deeply(statuses($client, $ended->{access_token}, 50), { 401 => 50 }, 'after a full restart');
is_deeply(statuses($client, $alive->{access_token}, 20), { 200 => 20 }, 'but not who is signed in');

# A request that began in the old generation and ends after a sign-out in the new one.
my $held = $client->sign_in($address, $PASSWORD);
my $socket = $client->connect_to;
AuthSvc::Client::write_all($socket, "GET /protected/ HTTP/1.1\r\nHost: main.test\r\n");
sleep 0.2;
graceful($httpd);
sign_out($held);
AuthSvc::Client::write_all($socket,
    "Authorization: Bearer $held->{access_token}\r\nConnection: close\r\n\r\n");
my $reply = AuthSvc::Client::parse(AuthSvc::Client::read_all($socket));
# (a prefork child is interrupted in its reading, and says 400)
like($reply->{status}, qr/^40[01]$/, 'the old generation hears of it');

# A reset ends every access token of the account.
my $before = $client->sign_in($address, $PASSWORD);
is($client->get('/protected/', $before->{access_token})->{status}, 200, 'before a reset');
$client->post('forgot-password' => { email_or_phone => $address });
my %reset = (email_or_phone => $address, password => $PASSWORD, code => $client->code($address));
my ($status) = $client->post('reset-password' => \%reset);
is($status, 200, 'reset');
is_deeply(statuses($client, $before->{access_token}, 50), { 401 => 50 }, 'after it');

# Another node on the same accounts.
my $far = AuthSvc::Httpd->new(dir => "$dir/far", extra => $quick, state => "$dir/state")->start;
my $there = $far->client;
my $late = 0;
for my $round (1 .. 10) {
    my $tokens = $client->sign_in($address, $PASSWORD);
    is($there->get('/protected/', $tokens->{access_token})->{status}, 200, 'good there') if $round == 1;
    sign_out($tokens);
    my ($end, $asked, $now) = (time + 2, 0, 0);
    while ($now != 401 && $asked < $end + 8) { # 503 is no answer, but it lets nobody in
        $asked = time;
        $now = $there->get('/protected/', $tokens->{access_token})->{status};
        $late++ if $now == 200 && $asked > $end;
        sleep 0.05;
    }
    is($now, 401, "refused on another node, round $round");
}
is($late, 0, 'good nowhere two seconds after its end');
$far->stop;

# Without news: trusted for a while, then not at all.
$alive = $client->sign_in($address, $PASSWORD);
is($client->get('/protected/', $alive->{access_token})->{status}, 200, 'with news');
my $file = "$dir/state/authsvc.db";
rename $file, "$file.away" or die "rename: $!\n";
is($client->get('/protected/', $alive->{access_token})->{status}, 200, 'the news are fresh enough');
sleep 2;
$reply = $client->get('/protected/', $alive->{access_token});
is($reply->{status}, 503, 'too old: could not tell');
like($reply->{headers}{'retry-after'}[0] // '', qr/^\d+$/, 'with Retry-After');
isnt($client->get('/protected/', $before->{access_token})->{status}, 200, 'what has ended has ended');
is($client->get('/')->{status}, 200, 'the open page is up');
rename "$file.away", $file or die "rename: $!\n";
my ($until, $good) = (time + 10, 0);
while ($good < 20 && time < $until) { # every child has to notice
    my $now = $client->get('/protected/', $alive->{access_token})->{status};
    $good = $now == 200 ? $good + 1 : 0;
    sleep 0.05;
}
is($good, 20, 'it heals by itself');

# Graceful restarts under load.
my @pids;
for my $worker (1 .. 3) {
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        my $stop = 0;
        local $SIG{TERM} = sub { $stop = 1 };
        my $failed = 0;
        until ($stop) {
            my $now = $client->get('/protected/', $alive->{access_token})->{status};
            $failed++ if $now != 200 && !$stop; # the end of the test cuts a request short
        }
        POSIX::_exit($failed > 99 ? 99 : $failed);
    }
    push @pids, $pid;
}
for (1 .. 20) {
    kill 'USR1', $httpd->{pid};
    sleep 0.3;
}
my $failed = 0;
for my $pid (@pids) {
    kill 'TERM', $pid;
    waitpid $pid, 0;
    $failed += $? >> 8;
}
is($failed, 0, 'no request fails over twenty graceful restarts');
is_deeply(statuses($client, $ended->{access_token}, 20), { 401 => 20 }, 'and who is out stays out');
$httpd->stop;
done_testing();
