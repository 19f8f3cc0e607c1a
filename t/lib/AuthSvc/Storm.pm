# SPDX-License-Identifier: Apache-2.0
#
# The storms: what must hold while clients race and processes die. Each returns counts and faults.
# Never looks into the database: what a client sees counts. Used by scripts/storm and t/*.t.
package AuthSvc::Storm;

use strict;
use warnings;

use IO::Handle ();
use POSIX ();
use Time::HiRes qw(sleep time);

use AuthSvc::Client qw(json fresh_email);

my $PASSWORD = 'storm-pass-1';
my $SIGNERS = 4;
my $PATIENCE = 15;

# What work returns in each of count processes that start together.
sub together
{
    my ($count, $work) = @_;
    pipe my $gate, my $opener or die "pipe: $!\n";
    my @results = map { spawn($work, $gate, $opener) } 1 .. $count;
    close $gate;
    sleep 0.02;
    close $opener;
    return map { collect(@$_) } @results;
}

sub collect
{
    my ($pid, $from) = @_;
    my $text = do { local $/; <$from> };
    waitpid $pid, 0;
    return json->decode($text)->[0];
}

sub spawn
{
    my ($work, $gate, $opener) = @_;
    pipe my $from, my $to or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        close $opener;
        sysread $gate, my $nothing, 1;
        print $to json->encode([eval { $work->() }]);
        $to->flush;
        POSIX::_exit(0);
    }
    close $to;
    return [$pid, $from];
}

# Clients that refresh one token at once must agree on one successor: (runs, faults).
sub refresh_race
{
    my ($client, $runs, $clients) = @_;
    my $address = $client->sign_up(fresh_email(), $PASSWORD);
    my @faults;
    for my $run (1 .. $runs) {
        my $token = $client->sign_in($address, $PASSWORD)->{refresh_token};
        my @got = together($clients, sub {
            my ($status, $pair) = $client->post(refresh => { refresh_token => $token });
            return $status == 200 ? $pair->{refresh_token} : "status $status";
        });
        my %different = map { ($_ // 'none') => 1 } @got;
        my ($next) = keys %different;
        push @faults, "run $run: " . join ' ', sort keys %different if keys %different > 1;
        my ($status) = $client->post(refresh => { refresh_token => $next });
        push @faults, "run $run: the successor is worth $status" unless $status == 200;
        push @faults, "run $run: no rotation" if $next eq $token;
    }
    return { runs => $runs, clients => $clients, faults => \@faults };
}

sub note_line
{
    my ($log, @words) = @_;
    syswrite $log, "@words\n";
    return;
}

# One address from register to verify, each acknowledged step noted; without an answer it stays so.
sub sign_up_noted
{
    my ($client, $log) = @_;
    my $address = fresh_email();
    note_line($log, $address, 'tried');
    my ($status) = $client->post(register => { email_or_phone => $address, password => $PASSWORD });
    return sleep 0.05 unless $status == 200;
    note_line($log, $address, 'registered');
    my $message = $client->{mail}->next_message($address, 1) or return;
    my ($code) = $message->{text} =~ /(\d{6})/;
    ($status) = $client->post(verify => { email_or_phone => $address, code => $code });
    note_line($log, $address, 'verified') if $status == 200;
    return;
}

sub start_signers
{
    my ($client, $file) = @_;
    my @pids;
    for (1 .. $SIGNERS) {
        my $pid = fork // die "fork: $!\n";
        if ($pid == 0) {
            my $stop = 0;
            local $SIG{TERM} = sub { $stop = 1 };
            open my $log, '>>', $file or POSIX::_exit(1);
            sign_up_noted($client, $log) until $stop;
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    return @pids;
}

# Every fourth kill takes the whole server, which is then started again; the others one child each.
sub kill_often
{
    my ($httpd, $kills) = @_;
    for my $kill (1 .. $kills) {
        sleep 0.1 + rand 0.3;
        if ($kill % 4) {
            $httpd->kill_child;
        } else {
            $httpd->kill_all;
            $httpd->start;
        }
    }
    return;
}

sub furthest
{
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    my %furthest = map { split } <$in>;
    return \%furthest;
}

# A 503 is no answer: asked again, as a client would, for a while.
sub patiently
{
    my ($client, $route, %members) = @_;
    my $end = time + $PATIENCE;
    while (1) {
        my ($status, $reply) = $client->post($route, \%members);
        return ($status, $reply) if $status != 503 || time > $end;
        sleep 0.2;
    }
}

sub login
{
    my ($client, $address) = @_;
    my ($status, $reply) = patiently($client, login => email_or_phone => $address,
        password => $PASSWORD);
    return 'signed in' if $status == 200;
    return ref $reply eq 'HASH' ? $reply->{detail} : "status $status";
}

# A pending account must be whole: its code comes, works and lets it sign in.
sub finish_pending
{
    my ($client, $address) = @_;
    my $code = $client->{mail}->code($address) // return 'no code came';
    my ($status) = patiently($client, verify => email_or_phone => $address, code => $code);
    return "its code is worth $status" unless $status == 200;
    return login($client, $address) eq 'signed in' ? undef : 'verified, yet cannot sign in';
}

# What is wrong with an address that got as far as step for the client; undef if nothing is.
sub address_fault
{
    my ($client, $address, $step) = @_;
    my $answer = login($client, $address);
    return if $answer eq 'signed in';
    return "$step, but: $answer" if $step eq 'verified';
    return finish_pending($client, $address) if $answer eq 'Account is not verified';
    my $absent = $answer eq 'Incorrect e-mail, phone or password';
    return "$step, but: $answer" unless $absent && $step eq 'tried';
    my ($status) = patiently($client, register => email_or_phone => $address,
        password => $PASSWORD);
    return $status == 200 ? finish_pending($client, $address) : "absent, yet register: $status";
}

# Sign-ups while processes are killed; afterwards every address is whole, or absent if it was never
# acknowledged.
sub kill_signup
{
    my ($httpd, $kills) = @_;
    my $client = $httpd->client;
    my $file = "$httpd->{dir}/signups.log";
    my @signers = start_signers($client, $file);
    my $done = eval { kill_often($httpd, $kills); 1 };
    my $why = $@;
    kill 'TERM', @signers;
    waitpid $_, 0 for @signers;
    die $why unless $done;
    my $furthest = furthest($file);
    my %count = (tried => 0, registered => 0, verified => 0);
    my @faults;
    for my $address (sort keys %$furthest) {
        $count{ $furthest->{$address} }++;
        my $found = address_fault($client, $address, $furthest->{$address});
        push @faults, "$address: $found" if $found;
    }
    return { %count, kills => $kills, faults => \@faults };
}

1;
