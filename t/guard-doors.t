# SPDX-License-Identifier: Apache-2.0
# AuthBasicProvider and AuthFormProvider authsvc: who gets in, how seldom Argon2 runs, and what ends
# the memory of a password.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use Time::HiRes qw(sleep time);

use AuthSvc::Guard;

my $extra = <<'CONF';
LogLevel authsvc:debug
<Macro Door $name $directive>
    <VirtualHost 127.0.0.1:${PORT}>
        ServerName $name.test
        $directive
        DocumentRoot "${HTDOCS}/guard"
        <Location "/basic/">
            AuthType Basic
            AuthName "basic"
            AuthBasicProvider authsvc
            Require valid-user
        </Location>
        <Location "/bearer/">
            AuthType Bearer
            AuthName "bearer"
            Require valid-user
        </Location>
        AliasMatch "^/(basic|bearer)/" "${HTDOCS}/guard/page.shtml"
        <Location "/enter">
            SetHandler form-login-handler
            AuthType form
            AuthName "form"
            AuthFormProvider authsvc
        </Location>
    </VirtualHost>
</Macro>
Use Door strict "AuthSvcThrottle signin 3/1h"
Use Door away "AuthSvcDBDParams ${STATE}/away/authsvc.db"
UndefMacro Door
CONF
my $guard = AuthSvc::Guard->new(name => 'guard-doors', extra => $extra);
my ($site, $api) = @{$guard}{qw(site api)};
my $password = $AuthSvc::Guard::PASSWORD;
my $ann = $guard->account('admin');
my $bob = $guard->account;

sub by
{
    my ($path, $user, $word) = @_;
    my $basic = encode_base64("$user:$word", '');
    return $site->request('GET', $path, [['Authorization', "Basic $basic"]]);
}

# By mod_auth_form's own page.
sub enter
{
    my ($client, $user, $word) = @_;
    return $client->request('POST', '/enter',
        [['Content-Type', 'application/x-www-form-urlencoded']],
        'httpd_username=' . ($user =~ s/@/%40/r) . "&httpd_password=$word");
}

sub challenge
{
    my ($reply) = @_;
    return join ' / ', @{ $reply->{headers}{'www-authenticate'} || [] };
}

my $reply = by('/basic/', $ann, $password);
is($reply->{status}, 200, 'the right password');
like($reply->{body}, qr/^REMOTE_USER=\w{32}$/m, 'REMOTE_USER is the id');
like($reply->{body}, qr/^AUTHSVC_EMAIL=\Q$ann\E$/m, 'AUTHSVC_EMAIL');
like($reply->{body}, qr/^AUTHSVC_ROLES=User admin$/m, 'AUTHSVC_ROLES');
like($reply->{body}, qr/^AUTHSVC_AMR=pwd$/m, 'AUTHSVC_AMR');
unlike($reply->{body}, qr/^AUTHSVC_SID=/m, 'and no session');
like(by('/basic-email/', $ann, $password)->{body}, qr/^REMOTE_USER=\Q$ann\E$/m,
    'AuthSvcRemoteUser email');
is(by('/basic/', uc $ann, $password)->{status}, 200, 'an address in another case');

for my $row ([$ann, 'wrong'], ["no-$ann", $password], ['nobody', 'x'], ['', ''], [$ann, ''],
    [$ann, 'x' x 2000], ["a\xff", "\xff"]) {
    $reply = by('/basic/', @$row);
    is($reply->{status}, 401, 'refused: ' . substr "$row->[0] $row->[1]", 0, 40);
    is(challenge($reply), 'Basic realm="basic"', 'by a challenge of Basic');
}
is($site->get('/basic/')->{status}, 401, 'nobody');
is($site->get('/basic/', $guard->token($ann))->{status}, 401, 'a bearer token is no password');

is(by('/basic-role/', $ann, $password)->{status}, 200, 'with the role');
$reply = by('/basic-role/', $bob, $password);
is($reply->{status}, 403, 'without it');
is(challenge($reply), '', 'and no challenge: another password would not help');
is(by('/basic-mfa/', $ann, $password)->{status}, 403, 'a password is one factor');

# the form
$reply = enter($site, $ann, $password);
is($reply->{status}, 302, 'the form takes the password');
my ($cookie) = map { /^(session=[^;]+)/ ? $1 : () } @{ $reply->{headers}{'set-cookie'} || [] };
$reply = $site->request('GET', '/form/', [['Cookie', $cookie // '']]);
is($reply->{status}, 200, 'and its session gets in');
like($reply->{body}, qr/^AUTHSVC_EMAIL=\Q$ann\E$/m, 'as whom');
is(enter($site, $ann, 'wrong')->{status}, 401, 'but not a wrong one');

# could not tell is not no, and too often is not wrong
sub told_later
{
    my ($answer, $status, $name) = @_;
    is($answer->{status}, $status, "$name: $status");
    like($answer->{headers}{'retry-after'}[0] // '', qr/^[1-9]\d*$/, "$name: Retry-After");
    is(challenge($answer), '', "$name: no challenge");
    return;
}

$site = $guard->{httpd}->client('away.test');
told_later(by('/basic/', $ann, $password), 503, 'Basic without a database');
told_later(enter($site, $ann, $password), 503, 'a form without a database');
told_later($site->get('/bearer/', $guard->token($ann)), 503, 'Bearer without a database');
is($site->get('/basic/')->{status}, 401, 'nobody is nobody all the same');
$site = $guard->{httpd}->client('strict.test');
is(by('/basic/', $bob, 'wrong')->{status}, 401, 'a wrong password') for 1 .. 3;
told_later(by('/basic/', $bob, 'wrong'), 429, 'one too many');
told_later(by('/basic/', $bob, $password), 429, 'and be it the right one');
told_later(enter($site, $bob, $password), 429, 'through the other door');
$site = $guard->{site};

# memory: a password that was right is not hashed again
sub hashed
{
    open my $log, '<', "$guard->{dir}/logs/error_log" or die "error_log: $!\n";
    return scalar grep { /a password was hashed/ } <$log>;
}

my $before = hashed();
cmp_ok($before, '>', 0, 'passwords were hashed');
my @other = grep { $_ != 200 } map { by('/basic/', $ann, $password)->{status} } 1 .. 200;
is("@other", '', 'two hundred requests');
cmp_ok(hashed() - $before, '<=', 3, 'for which Argon2 ran at most three times');
$before = hashed();
by('/basic/', $ann, 'wrong') for 1 .. 3;
is(hashed() - $before, 3, 'a wrong password is hashed each time');

# a new password ends the memory of the old one
$api->post('forgot-password' => { email_or_phone => $bob });
is(by('/basic/', $bob, $password)->{status}, 200, 'the old password');
my ($status) = $api->post('reset-password' => { email_or_phone => $bob, code => $api->code($bob),
    new_password => 'secret-2', password => 'secret-2' });
is($status, 200, 'a new password is set');
is(by('/basic/', $bob, $password)->{status}, 401, 'the old one is refused at once');
is(by('/basic/', $bob, 'secret-2')->{status}, 200, 'the new one is taken');

# so does a role taken away
is(by('/basic-role/', $ann, $password)->{status}, 200, 'with the role');
$guard->ctl('role', 'remove', $ann, 'admin');
my $end = time + 5;
sleep 0.1 while by('/basic-role/', $ann, $password)->{status} == 200 && time < $end;
is(by('/basic-role/', $ann, $password)->{status}, 403, 'without it');
is(by('/basic/', $ann, $password)->{status}, 200, 'but still somebody');
done_testing();
