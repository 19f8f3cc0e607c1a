# SPDX-License-Identifier: Apache-2.0
# authsvcctl on the database of a server in use: what it lists, what it changes and how soon that
# bites, whose tokens it takes, and how it ends.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(decode_base64url encode_base64url);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use AuthSvc::Client qw(json fresh_email);
use AuthSvc::Httpd;

my $BITE = 5; # seconds, AuthSvcRevocationSync's and some patience

my $dir = "$ENV{AUTHSVC_TEST_STATE}/own-ctl";
my $httpd = AuthSvc::Httpd->new(dir => $dir)->start;
my $client = $httpd->client;
my $short = $httpd->client('short.test');
my @where = ('--params', "$dir/state/authsvc.db", '--secret-file', "$dir/state/secret");

# (exit code, what it printed, errors included where they are wanted).
sub run
{
    my ($errors, @command) = @_;
    my $pid = open(my $pipe, '-|') // die "fork: $!\n";
    if ($pid == 0) {
        open STDERR, $errors ? '>&STDOUT' : '>/dev/null';
        exec AuthSvc::Httpd::ctl(), @command or POSIX::_exit(127);
    }
    my $said = join '', <$pipe>;
    close $pipe;
    return ($? >> 8, $said);
}

sub ctl { return run(0, @where, @_) }

sub ends
{
    my ($code, $name, @command) = @_;
    my ($got, $said) = run(1, @where, @command);
    is($got, $code, $name) or diag($said);
    return $said;
}

# One JSON document of a command that succeeds.
sub document
{
    my (@command) = @_;
    my ($code, $said) = ctl('--json', @command);
    my $value = eval { json->decode($said) };
    ok($code == 0 && ref $value, "JSON of @command[0, 1]") or diag($said);
    return $value;
}

sub guarded { return $client->get('/protected/', $_[0])->{status} }

sub bites
{
    my ($token) = @_;
    my $end = time + $BITE;
    while (time < $end) {
        return 1 if guarded($token) == 401;
        sleep 0.1;
    }
    return 0;
}

my $ann = $client->sign_up(fresh_email(), 'secret-1');
my $tokens = $client->sign_in($ann, 'secret-1');

# ---- accounts ----

my $list = document('account', 'list');
my ($listed) = grep { $_->{email} eq $ann } @$list;
like($listed->{id}, qr/^[0-9a-f]{32}$/, 'the account is listed');
is_deeply(document('account', 'list', '--after', $list->[-1]{id}), [], 'nothing after the last');
is(@{ document('account', 'list', '--limit', 1) }, 1, 'no more than wanted');
like(ends(0, 'account list', 'account', 'list'), qr/^id .*\n.*\Q$ann\E/, 'a table');
my $by_id = document('account', 'show', $listed->{id});
is_deeply(document('account', 'show', uc $ann), $by_id, 'shown by id and by address');
ok($by_id->{has_password} && !exists $by_id->{password}, 'that it has a password, not which');
like(ends(0, 'account show', 'account', 'show', $ann), qr/^email +\Q$ann\E$/m, 'as lines');
is(ends(1, 'an unknown account', 'account', 'show', 'nobody@example.com'),
    "authsvcctl: there is no such account\n", 'is told');

is(guarded($tokens->{access_token}), 200, 'the token passes');
ends(0, 'account disable', 'account', 'disable', $ann);
ok(bites($tokens->{access_token}), 'a disabled account is refused at the guard');
my ($status) = $client->post(login => { email_or_phone => $ann, password => 'secret-1' });
isnt($status, 200, 'it cannot sign in');
($status) = $client->post(refresh => { refresh_token => $tokens->{refresh_token} });
isnt($status, 200, 'nor refresh');
ends(0, 'once more', 'account', 'disable', $ann);
ends(1, 'no reset of a disabled account', 'account', 'password-reset', $ann);
ends(0, 'account enable', 'account', 'enable', $by_id->{id});
is(guarded($tokens->{access_token}), 401, 'old tokens stay dead');
$tokens = $client->sign_in($ann, 'secret-1');
is(guarded($tokens->{access_token}), 200, 'new ones pass');

my $bob = fresh_email();
my $made = document('account', 'create', $bob, '--name', 'Bob van Dyke');
my $shown = document('account', 'show', $made->{id});
is_deeply([@{$shown}{qw(email first_name last_name)}], [$bob, 'Bob van', 'Dyke'], 'a new account');
ok(!$shown->{has_password} && !$shown->{email_proven}, 'without password, not proven');
($status) = $client->post(login => { email_or_phone => $bob, password => '' });
isnt($status, 200, 'nobody signs in without one');
sub set_password
{
    my ($address, $password) = @_;
    my $code = $client->code($address);
    my ($got) = $client->post('reset-password', { email_or_phone => $address, code => $code,
        password => $password });
    is($got, 200, 'its owner sets a password by the code');
    return $client->sign_in($address, $password);
}
set_password($bob, 'secret-2');
ends(1, 'an address that is taken', 'account', 'create', $bob);
ends(1, 'no address', 'account', 'create', 'bob');
ends(0, 'password-reset', 'account', 'password-reset', $bob);
is(guarded($client->sign_in($bob, 'secret-2')->{access_token}), 200, 'changes nothing itself');
set_password($bob, 'secret-3');

# ---- sessions ----

my $other = $client->sign_in($ann, 'secret-1');
my $sid = json->decode(decode_base64url((split /\./, $other->{access_token})[1]))->{sid};
my $sessions = document('session', 'list', $ann);
is(scalar grep({ $_->{id} eq $sid } @$sessions), 1, 'the session is listed');
ends(0, 'session revoke', 'session', 'revoke', $sid);
ok(bites($other->{access_token}), 'its token is refused');
is(guarded($tokens->{access_token}), 200, 'another session goes on');
ends(1, 'a session that has ended', 'session', 'revoke', $sid);
ends(2, 'neither one nor all', 'session', 'revoke');
ends(2, 'one and all', 'session', 'revoke', $sid, '--all', $ann);
ends(0, 'all', 'session', 'revoke', '--all', $ann);
ok(bites($tokens->{access_token}), 'all are refused');
is_deeply(document('session', 'list', $ann), [], 'none lives');

# ---- teams ----

my $team = document('team', 'create', 'Night shift')->{id};
ends(0, 'team add', 'team', 'add', $team, $ann);
ends(0, 'role add', 'role', 'add', $ann, 'captain', '--team', $team);
is_deeply([@{ document('account', 'show', $ann) }{qw(teams team_roles)}],
    [[$team], ["$team captain"]], 'team and role are shown');
my ($night) = grep { $_->{id} eq $team } @{ document('team', 'list') };
is($night->{members}, 1, 'members are counted');
$tokens = $client->sign_in($ann, 'secret-1');
sub team_of { return json->decode(decode_base64url((split /\./, $_[0]{access_token})[1]))->{team} }
is(team_of($tokens), $team, 'the session works in it');
ends(0, 'team remove', 'team', 'remove', $team, $ann);
ok(bites($tokens->{access_token}), 'tokens of a former member are refused');
(undef, $tokens) = $client->post(refresh => { refresh_token => $tokens->{refresh_token} });
is(team_of($tokens), undef, 'new ones name no team');
is_deeply(document('account', 'show', $ann)->{team_roles}, [], 'its role there is gone');
ends(1, 'no member', 'team', 'remove', $team, $ann);

# ---- tokens ----

my $token = $tokens->{access_token};
my $good = document('token', 'verify', $token);
ok($good->{good} && $good->{payload}{sub} eq $by_id->{id}, 'a good token');
like(ends(0, 'for people', 'token', 'verify', $token), qr/^\{.*\}\nverdict +good$/m, 'and payload');
my ($head, $payload, $signature) = split /\./, $token;

sub forged
{
    my ($alg) = @_;
    my $header = { %{ json->decode(decode_base64url($head)) }, alg => $alg };
    return join '.', encode_base64url(json->encode($header)), $payload, $signature;
}
my $tampered = json->decode(decode_base64url($payload));
$tampered->{sub} = 'f' x 32;
my @bad = (
    ['a payload changed', join('.', $head, encode_base64url(json->encode($tampered)), $signature)],
    map({ ["alg $_", forged($_)] } qw(none HS256 RS256 ES512)),
    ['no signature', "$head.$payload."], ['no token', 'token'],
);
ends(1, $_->[0], 'token', 'verify', $_->[1]) for @bad;
ends(1, "$_->[0], signature only", 'token', 'verify', '--signature-only', $_->[1]) for @bad;

sub write_file
{
    my ($name, $text) = @_;
    open my $out, '>', "$dir/$name" or die "$name: $!\n";
    print $out $text;
    close $out or die "$name: $!\n";
    return "$dir/$name";
}
my $jwks = write_file('jwks', $client->get('/.well-known/jwks.json')->{body});
my $strange = write_file('strange', $httpd->client('apart.test')->get('/.well-known/jwks.json')
    ->{body});
is((run(0, 'token', 'verify', '--jwks', $jwks, $token))[0], 0, 'a file of keys, no database');
is((run(0, 'token', 'verify', '--jwks', $strange, $token))[0], 1, 'keys of somebody else');
is((run(0, 'token', 'verify', '--jwks', "$dir/none", $token))[0], 1, 'no file');
my $input = write_file('token', "$token\n");
is(system('sh', '-c', '"$@" - < "$0" > /dev/null', $input, AuthSvc::Httpd::ctl(), @where, 'token',
    'verify'), 0, 'a token from standard input');

# RFC 7520, section 4.1: RS256 over a payload that is no JSON. Its key and signature are made here.
SKIP: {
    my $key = "$dir/rsa.pem";
    skip 'no openssl', 2 if system("openssl genrsa -out $key 2048 2> /dev/null") != 0;
    chomp(my $modulus = `openssl rsa -in $key -noout -modulus 2> /dev/null`);
    my $n = encode_base64url(pack 'H*', $modulus =~ s/^Modulus=//r);
    my $set = write_file('rsa', qq({"keys":[{"kty":"RSA","n":"$n","e":"AQAB"}]}));
    my $signed = encode_base64url('{"alg":"RS256"}') . '.' . encode_base64url('no JSON');
    my $text = write_file('text', $signed);
    my $jws = "$signed." . encode_base64url(scalar `openssl dgst -sha256 -sign $key $text`);
    my ($code, $said) = run(0, qw(token verify --signature-only --jwks), $set, $jws);
    ok($code == 0 && $said =~ /^no JSON$/m, 'RS256 over any payload');
    is((run(0, qw(token verify --jwks), $set, $jws))[0], 1, 'which is no access token');
}

my $brief = $short->sign_in($ann, 'secret-1')->{access_token};
sleep 3;
like(ends(1, 'an expired token', 'token', 'verify', $brief), qr/expired/, 'is told');
ends(0, 'its signature is good', 'token', 'verify', '--signature-only', $brief);
ends(0, 'all sessions end', 'session', 'revoke', '--all', $ann);
like(ends(1, 'a revoked token', 'token', 'verify', $token), qr/revoked/, 'is told');
is((run(0, 'token', 'verify', '--jwks', $jwks, $token))[0], 0, 'keys alone know nothing of that');

# ---- outbox, audit, check ----

my ($code, $said);
my $messages = document('outbox', 'list');
my ($sent) = grep { $_->{state} eq 'sent' } @$messages;
ok($sent, 'sent messages are listed');
$said = ends(1, 'a sent one', 'outbox', 'retry', $sent->{id});
like($said, qr/has been sent/, 'is not tried again');
ends(1, 'none of that id', 'outbox', 'retry', '0' x 32);
ends(0, 'all that wait', 'outbox', 'retry');

($code, $said) = ctl('--json', 'audit', '--account', $ann, '--limit', 1000);
my @events = map { "$_->{event} $_->{outcome}" } @{ json->decode($said) };
for my $event ('sign_in ok', 'sign_in sign_in_wrong', 'disable ok', 'enable ok', 'revoke ok') {
    ok(scalar(grep { $_ eq $event } @events), "audit: $event");
}
unlike($said, qr/secret-1|argon2|eyJ/, 'and no secret');
my ($act) = grep { $_->{event} eq 'disable' } @{ json->decode($said) };
is($act->{agent}, 'authsvcctl by ' . getpwuid($<), 'who did it');
my ($given) = grep { $_->{event} eq 'role_add' } @{ json->decode($said) };
is($given->{detail}, "captain in team $team", 'and what');
is(@{ document('audit', '--limit', 2) }, 2, 'of all accounts');

my $checks = document('db', 'check');
is(scalar grep({ $_->{found} } @$checks), 0, 'db check finds nothing');
my $foreign = write_file('foreign-secret', 'f' x 43 . "\n");
($code) = run(0, '--params', "$dir/state/authsvc.db", '--secret-file', $foreign, 'db', 'check');
is($code, 1, 'but keys that another secret cannot open');

# ---- how it ends ----

ends(2, join(' ', @$_), @$_) for ['account'], ['account', 'grow'], ['account', 'show'],
    ['account', 'list', '--limit', 'x'], ['account', 'list', '--limit'], ['audit', '--what'],
    ['account', 'list', '--limit', 1, '--limit', 2], ['role', 'add', $ann];
like(ends(0, 'help', '--help'), qr/^  account list \[--limit N\]/m, 'lists the commands');
like(ends(0, 'help of one', 'token', 'verify', '--help'), qr/--jwks FILE/, 'says what it takes');
$httpd->stop;
rename "$dir/state/authsvc.db", "$dir/state/away" or die "rename: $!\n";
ends(3, 'a database that is away', 'account', 'list');
ends(3, 'for changes, too', 'account', 'disable', $ann);
done_testing();
