# SPDX-License-Identifier: Apache-2.0
# authsvcctl import beside a server in use: each kind of hash signs in and is replaced, what
# is refused and how it is told, accounts that are there already, and runs that were killed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha1_base64);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use AuthSvc::Client qw(json fresh_email fresh_phone);
use AuthSvc::Httpd;

my $CROWD = 20_000;
my $PATIENCE = 60;
my $REFUSED = 400; # trainova's answer to a wrong password

my $dir = "$ENV{AUTHSVC_TEST_STATE}/own-import";
my $httpd = AuthSvc::Httpd->new(dir => $dir)->start;
my $client = $httpd->client;
my @where = ('--params', "$dir/state/authsvc.db");
my $files = 0;

sub write_file
{
    my ($name, @lines) = @_;
    my $path = sprintf '%s/%d-%s', $dir, ++$files, $name;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print $out @lines;
    close $out or die "$path: $!\n";
    return $path;
}

# (exit code, standard output, standard error).
sub ctl
{
    my (@command) = @_;
    my $said = "$dir/stderr";
    my $pid = open(my $pipe, '-|') // die "fork: $!\n";
    if ($pid == 0) {
        open STDERR, '>', $said;
        exec AuthSvc::Httpd::ctl(), @where, @command or POSIX::_exit(127);
    }
    my $out = join '', <$pipe>;
    close $pipe;
    return ($? >> 8, $out, slurp($said));
}

sub slurp
{
    my ($path) = @_;
    open my $in, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$in> // '';
}

sub imports
{
    my ($name, $code, $counts, @command) = @_;
    my ($got, $out, $errors) = ctl('--json', 'import', @command);
    my $report = eval { json->decode($out) } || {};
    is($got, $code, "$name: ends with $code") or diag($errors);
    is("@{$report}{qw(imported existing refused)}", $counts, "$name: counts") if defined $counts;
    like($report->{seconds}, qr/^\d+$/, "$name: seconds") if defined $counts;
    return $errors;
}

sub account
{
    my ($address) = @_;
    my ($code, $out) = ctl('--json', 'account', 'show', $address);
    return $code ? undef : json->decode($out);
}

# The hash as the database has it.
sub stored
{
    my ($address) = @_;
    my $column = $address =~ /@/ ? 'email' : 'phone';
    my $query = "SELECT password FROM as_account WHERE $column = '$address'";
    open my $pipe, '-|', 'sqlite3', '-readonly', "$dir/state/authsvc.db", $query
        or die "sqlite3: $!\n";
    chomp(my $hash = <$pipe> // '');
    close $pipe;
    return $hash;
}

sub login
{
    my ($address, $password) = @_;
    my ($status) = $client->post(login => { email_or_phone => $address, password => $password });
    return $status;
}

sub openssl
{
    my ($kind, $password) = @_;
    open my $pipe, '-|', 'openssl', 'passwd', $kind, $password or die "openssl: $!\n";
    chomp(my $hash = <$pipe> // '');
    close $pipe;
    return $hash;
}

# ---- every kind of hash ----

my $password = 'correct-horse-1';
my $argon = fresh_email();
$client->sign_up($argon, $password);
my $salt = '$05$abcdefghijklmnopqrstuu';
my %hash = (
    '$2y$' => crypt($password, "\$2y$salt"),
    '$2b$' => crypt($password, "\$2b$salt"),
    '$2a$' => crypt($password, "\$2a$salt"),
    apr1 => openssl('-apr1', $password),
    '$1$' => openssl('-1', $password),
    '$5$' => openssl('-5', $password),
    '$6$' => openssl('-6', $password),
    '$6$rounds' => crypt($password, '$6$rounds=1500$abcdefgh$'),
    '{SHA}' => '{SHA}' . sha1_base64($password) . '=',
    DES => crypt($password, 'ab'),
    argon2id => stored($argon),
);
my %address = map { $_ => /SHA|rounds/ ? fresh_phone() : fresh_email() } keys %hash;
my $htpasswd = write_file('htpasswd', "# who was here before\n\n",
    map { "$address{$_}:$hash{$_}\n" } sort keys %hash);

imports('a dry run', 0, '11 0 0', $htpasswd, '--dry-run');
is(account($address{DES}), undef, 'makes nothing');
is(imports('htpasswd', 0, '11 0 0', $htpasswd), '', 'htpasswd: not a word on the terminal');
for my $kind (sort keys %hash) {
    my $address = $address{$kind};
    is(stored($address), $hash{$kind}, "$kind: is stored as it came");
    is(login($address, 'wrong-horse-1'), $REFUSED, "$kind: a wrong password is refused");
    is(stored($address), $hash{$kind}, "$kind: and changes nothing");
    is(login($address, $password), 200, "$kind: the right one signs in");
    like(stored($address), qr/^\$argon2id\$/, "$kind: and the hash is Argon2id from then on");
    is(login($address, $password), 200, "$kind: which signs in, too");
}
is(login($address{DES}, substr($password, 0, 8) . 'x'), $REFUSED, 'no longer by its first octets');
like(imports('once more', 0, '11 0 0', $htpasswd), qr/was done on 20.*--again/, 'it is told');
imports('--again', 0, '0 11 0', $htpasswd, '--again');
like(stored($address{apr1}), qr/^\$argon2id\$/, 'and replaces no password');

# ---- what a line may say ----

my ($ann, $bob, $eve) = map { fresh_email() } 1 .. 3;
my $phone = fresh_phone();
my $csv = write_file('people.csv', "\xef\xbb\xbfemail,phone,password_hash,first_name,last_name,"
    . "email_verified,created_at,shoe_size\r\n",
    uc($ann), ",\"$phone\",,\"Ann \"\"A\"\"\",\"Archer, jr.\",false,",
    "2020-01-31T12:00:00+01:00,39\r\n",
    "$bob,,$hash{apr1},B\xc3\xb6b,,,,\"4\n4\"\r\n",
    "$ann,,$hash{apr1},,,,,\r\n",
    "$eve,,,,,,,");
like(imports('CSV', 0, '3 1 0', $csv), qr/^\Q$csv\E:1: ignored: shoe_size\n$/, 'a stranger column');
my $shown = account($ann);
is_deeply([@{$shown}{qw(email phone first_name last_name created)}],
    [$ann, $phone, 'Ann "A"', 'Archer, jr.', '2020-01-31T11:00:00Z'], 'all of it came');
ok(!$shown->{email_proven} && $shown->{phone_proven}, 'what is proven');
ok(!$shown->{has_password}, 'without a password, even by a second line');
is(login($bob, $password), 200, 'the next one signs in');
ok(account($eve), 'the last line has no end');

my $dot = fresh_email();
my $jsonl = write_file('people.txt', json->encode({ email => $dot, password_hash => $hash{'$1$'},
    last_name => "\x{141}uk", extra => { a => 1 } }), "\n\n",
    json->encode({ phone => fresh_phone() }), "\n");
like(imports('JSON lines', 0, '2 0 0', $jsonl), qr/^\S+:1: ignored: extra\n$/, 'a stranger member');
is(login($dot, $password), 200, 'JSON lines: signs in');
is(account($dot)->{last_name}, "\x{141}uk", 'JSON lines: its name');

# ---- what is refused ----

my $plain = 'hunter2-hunter2';
my $long = 'x' x 70_000;
my @bad = ("nobody:$hash{apr1}", "no colon here", fresh_email() . ":$plain",
    fresh_email() . ':$2y$31$' . substr($hash{'$2y$'}, 7), fresh_email() . ':$9$nothing', $long,
    fresh_email() . ":$hash{apr1}\0", fresh_email() . ":\xff$hash{apr1}");
my $good = fresh_email();
my $mixed = write_file('htpasswd', map { "$_\r\n" } @bad, "$good:$hash{apr1}");
my $errors = imports('a mixed file', 1, '1 0 8', $mixed, '--format', 'htpasswd');
is_deeply([$errors =~ /^\Q$mixed\E:(\d+): \S/mg], [1 .. 8], 'each line by its number');
unlike($errors, qr/\Q$plain\E|apr1|\$2y|\$9/, 'never what it holds');
is(login($good, $password), 200, 'the good line among them counts');
imports('its second run', 1, '1 0 8', $mixed);
like(imports('a header without an address', 1, undef, write_file('x.csv', "name\nann\n")),
    qr/:1: the header names neither/, 'is told');
imports('no format', 2, undef, write_file('what', "ann\n"));
imports('an unknown format', 2, undef, $csv, '--format', 'xml');
imports('no such file', 1, undef, "$dir/nowhere.csv");
imports('a folder', 1, undef, $dir, '--format', 'csv');

# ---- who is there already ----

my $there = fresh_email();
$client->sign_up($there, 'before-secret-1');
my $before = stored($there);
my $again = write_file('htpasswd', uc($there) . ":$hash{apr1}\n");
imports('an account that is there', 0, '0 1 0', $again);
is(stored($there), $before, 'keeps its password');
my $waiting = fresh_email();
$client->post(register => { email_or_phone => $waiting, password => 'before-secret-2' });
my $code = $client->code($waiting);
imports('a sign-up that waits', 0, '1 0 0', write_file('htpasswd', "$waiting:$hash{apr1}\n"));
my ($status) = $client->post(verify => { email_or_phone => $waiting, code => $code });
isnt($status, 200, 'its code is dead');
is(login($waiting, 'before-secret-2'), $REFUSED, 'its password, too');
is(login($waiting, $password), 200, 'the imported one counts');

# ---- killed in the middle ----

sub crowd_count
{
    open my $pipe, '-|', 'sqlite3', '-readonly', "$dir/state/authsvc.db",
        q(SELECT COUNT(*), COUNT(DISTINCT email) FROM as_account WHERE email LIKE 'crowd-%')
        or die "sqlite3: $!\n";
    chomp(my $counts = <$pipe> // '');
    close $pipe;
    return split /\|/, $counts;
}

# Imports, and kills it once that many are there; true if it was killed in time.
sub killed_at
{
    my ($wanted, $file) = @_;
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec AuthSvc::Httpd::ctl(), @where, 'import', $file or POSIX::_exit(127);
    }
    my $end = time + $PATIENCE;
    sleep 0.02 while (crowd_count())[0] < $wanted && time < $end;
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return $? == POSIX::SIGKILL();
}

my $crowd = write_file('crowd.csv', "email,password_hash\n",
    (map { "crowd-$_\@example.com,$hash{'$2y$'}\n" } 1 .. $CROWD), "nobody,\n");
for my $wanted (1, $CROWD / 4, $CROWD / 2) {
    ok(killed_at($wanted, $crowd), "killed with $wanted or more of $CROWD");
    my ($all, $different) = crowd_count();
    ok($all < $CROWD && $all == $different && $all % 500 == 0, "whole batches: $all");
}
my ($had) = crowd_count();
$errors = imports('the last run', 1, "$CROWD 0 1", $crowd);
like($errors, qr/going on at line @{[$had + 2]},/, 'goes on where it was killed');
like($errors, qr/crowd\.csv:@{[$CROWD + 2]}: that is no e-mail/, 'and counts lines from the first');
is_deeply([crowd_count()], [$CROWD, $CROWD], 'no account twice, none lost');
is(login("crowd-$_\@example.com", $password), 200, "number $_ signs in") for 1, $had, $CROWD;
my ($exit, $audit) = ctl('--json', 'audit', '--limit', 1000);
my @trail = map { $_->{detail} } grep { $_->{event} eq 'import' } @{ json->decode($audit) };
ok(scalar(grep { /^[0-9a-f]{25}: .* $CROWD imported, 0 existing, 1 refused$/ } @trail),
    'it stands in the audit trail');
my ($check) = ctl('--secret-file', "$dir/state/secret", 'db', 'check');
is($check, 0, 'db check finds nothing');

$httpd->stop;
rename "$dir/state/authsvc.db", "$dir/state/away" or die "rename: $!\n";
imports('a database that is away', 3, undef, $again);
done_testing();
