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

# ---- revocation under fire ----

my $LINES = 6; # connections kept open, so that a worker meets several children

# The status of one request on a connection that stays open; opened anew when it was closed.
sub ask
{
    my ($client, $lines, $path, $token) = @_;
    my $line = \$lines->[$lines->[0]++ % $LINES + 1];
    for (1 .. 3) {
        $$line ||= $client->connect_to or next;
        my $request = "GET $path HTTP/1.1\r\nHost: $client->{host}\r\n"
            . "Authorization: Bearer $token\r\n\r\n";
        AuthSvc::Client::write_all($$line, $request);
        my ($status, $length, $head) = (0, 0, '');
        while (defined(my $text = readline $$line)) {
            $status = $1 if !$status && $text =~ m{^HTTP/1\.1 (\d{3})};
            $length = $1 if $text =~ /^Content-Length: (\d+)/i;
            last if $text eq "\r\n";
        }
        read $$line, my $body, $length if $length;
        return $status if $status;
        $$line = undef;
    }
    return 0;
}

# How many of count requests got in.
sub admitted
{
    my ($client, $lines, $path, $token, $count) = @_;
    return scalar grep { my $s = ask($client, $lines, $path, $token); $s == 200 || $s == 404 }
        1 .. $count;
}

# Ways in which a token ends; each returns what is wrong, and how many checks it took.
sub end_by_sign_out
{
    my ($client, $lines) = @_;
    my $tokens = $client->sign_in($client->{address}, $PASSWORD);
    my $before = admitted($client, $lines, '/protected/', $tokens->{access_token}, 30);
    my ($status) = $client->post(logout => { refresh_token => $tokens->{refresh_token} });
    return ('no sign-out', 30) if $status != 200;
    my $after = admitted($client, $lines, '/protected/', $tokens->{access_token}, 70);
    return ($after ? "$after admitted after a sign-out" : $before ? undef : 'never let in', 100);
}

sub end_by_reset
{
    my ($client, $lines) = @_;
    my %name = (email_or_phone => $client->{address});
    my $tokens = $client->sign_in($client->{address}, $PASSWORD);
    admitted($client, $lines, '/protected/', $tokens->{access_token}, 30);
    $client->post('forgot-password' => \%name);
    my $code = $client->code($client->{address});
    my ($status) = $client->post('reset-password' => { %name, code => $code, password => $PASSWORD });
    return ('no reset', 30) if $status != 200;
    my $after = admitted($client, $lines, '/protected/', $tokens->{access_token}, 70);
    return ($after ? "$after admitted after a reset" : undef, 100);
}

sub end_by_expiry
{
    my ($client, $lines) = @_;
    my $short = $client->{short};
    my $tokens = $short->sign_in($client->{address}, $PASSWORD);
    my ($checks, $end) = (0, time + 2.1); # it lives two seconds
    while (time < $end) {
        admitted($short, $client->{short_lines}, '/protected/', $tokens->{access_token}, 10);
        $checks += 10;
    }
    my $after = admitted($short, $client->{short_lines}, '/protected/', $tokens->{access_token}, 50);
    return ($after ? "$after admitted after their end" : undef, $checks + 50);
}

# Taken away by authsvcctl, another process: it may take until the feed is read.
sub end_by_role
{
    my ($client, $lines) = @_;
    my @ctl = (AuthSvc::Httpd::ctl(), '--params', $client->{db}, 'role');
    system(@ctl, 'add', $client->{address}, 'editor') == 0 or return ('no role', 0);
    my $tokens = $client->sign_in($client->{address}, $PASSWORD);
    my $before = admitted($client, $lines, '/editors/', $tokens->{access_token}, 30);
    system(@ctl, 'remove', $client->{address}, 'editor') == 0 or return ('no removal', 30);
    sleep 2;
    my $after = admitted($client, $lines, '/editors/', $tokens->{access_token}, 70);
    return ($after ? "$after admitted without the role" : $before ? undef : 'never let in', 100);
}

# One worker's share: (checks, faults).
sub race_tokens
{
    my ($httpd, $checks) = @_;
    my $client = $httpd->client;
    $client->{address} = $client->sign_up(fresh_email(), $PASSWORD);
    $client->{short} = $httpd->client('short.test');
    $client->{db} = "$httpd->{state}/authsvc.db";
    $client->{short_lines} = [0];
    my ($lines, $done, $round, @faults) = ([0], 0, 0);
    while ($done < $checks && @faults < 20) {
        my $end = $round % 97 == 50 ? \&end_by_role : $round % 61 == 30 ? \&end_by_expiry
            : $round % 20 == 10 ? \&end_by_reset : \&end_by_sign_out;
        my ($fault, $took) = eval { $end->($client, $lines) };
        push @faults, $fault // $@ if $fault || $@;
        $done += $took // 0;
        $round++;
    }
    return { checks => $done, faults => \@faults };
}

# Tokens that end in every way while others are checked and the signing key changes.
sub revoke_race
{
    my ($httpd, $checks) = @_;
    my $workers = 4;
    my $rotator = fork // die "fork: $!\n";
    if ($rotator == 0) {
        my @ctl = (AuthSvc::Httpd::ctl(), '--params', "$httpd->{state}/authsvc.db",
            '--secret-file', "$httpd->{state}/secret", 'key', 'rotate', '--now');
        open STDOUT, '>', '/dev/null';
        while (1) {
            sleep 5;
            system(@ctl);
        }
    }
    my @got = together($workers, sub { race_tokens($httpd, $checks / $workers) });
    kill 'KILL', $rotator;
    waitpid $rotator, 0;
    my %sum = (checks => 0, faults => []);
    for my $one (@got) {
        $sum{checks} += $one->{checks} // 0;
        push @{ $sum{faults} }, @{ $one->{faults} // ['a worker died'] };
    }
    return \%sum;
}

# Sign-ins and sign-outs for so many seconds while children are killed and generations change; then the
# cache in shared memory must be whole.
sub soak
{
    my ($httpd, $seconds) = @_;
    my $end = time + $seconds;
    my $workers = 3;
    my $killer = fork // die "fork: $!\n";
    if ($killer == 0) {
        for (my $n = 1; time < $end; $n++) {
            sleep 0.7;
            $n % 15 ? $httpd->kill_child : kill 'USR1', $httpd->{pid};
        }
        POSIX::_exit(0);
    }
    my @got = together($workers, sub { soak_once($httpd, $end) });
    waitpid $killer, 0;
    sleep 1;
    kill 'USR1', $httpd->{pid};
    sleep 2;
    $httpd->wait_up;
    my %sum = (rounds => 0, faults => []);
    for my $one (@got) {
        $sum{rounds} += $one->{rounds};
        push @{ $sum{faults} }, @{ $one->{faults} };
    }
    my $log = AuthSvc::Outbox::slurp("$httpd->{dir}/logs/error_log");
    push @{ $sum{faults} }, 'the self-check failed' if $log =~ /self-check failed/;
    push @{ $sum{faults} }, 'no self-check' unless $log =~ /self-check clean/;
    ($sum{repairs}) = (sort { $b <=> $a } $log =~ /(\d+) repairs, self-check clean/g);
    return \%sum;
}

# A killed child answers nothing: only a stale yes counts, and that an acknowledged end stays one.
sub soak_once
{
    my ($httpd, $end) = @_;
    my $client = $httpd->client;
    my $address = $client->sign_up(fresh_email(), $PASSWORD);
    my ($rounds, @faults) = (0);
    while (time < $end && @faults < 20) {
        my $tokens = eval { $client->sign_in($address, $PASSWORD) } or next;
        admitted($client, [0], '/protected/', $tokens->{access_token}, 5);
        my ($status) = $client->post(logout => { refresh_token => $tokens->{refresh_token} });
        next if $status != 200;
        my $after = admitted($client, [0], '/protected/', $tokens->{access_token}, 10);
        push @faults, "$after admitted after a sign-out" if $after;
        $rounds++;
    }
    return { rounds => $rounds, faults => \@faults };
}

1;
