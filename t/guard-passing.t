# SPDX-License-Identifier: Apache-2.0
# What the site behind a guard is told of whoever was let in, on every way a request goes on within
# httpd; and that a client can neither claim it nor lose it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(decode_base64url encode_base64);
use Test::More;

use AuthSvc::Client qw(json);
use AuthSvc::Guard;

my $guard = AuthSvc::Guard->new(name => 'guard-passing');
my $site = $guard->{site};
my $ann = $guard->account('admin');
my $bob = $guard->account;
my ($token, $plain) = map { $guard->token($_) } $ann, $bob;
my ($sub, $other) = map { json->decode(decode_base64url((split /\./)[1]))->{sub} } $token, $plain;
my $bearer = ['Authorization', "Bearer $token"];

sub header
{
    my ($reply, $name) = @_;
    return join ' / ', @{ $reply->{headers}{$name} || [] };
}

# Ways within httpd: [path, what the reply has]
for my $row (
    ['/inner/page.shtml', qr/^\[$sub\]/, 'a page'],
    ['/index/', qr/^\[$sub\]/, 'DirectoryIndex'],
    ['/outer.shtml', qr/^outer \(none\) inner guarded/, 'an open SSI page with a guarded one'],
    ['/inner/outer.shtml', qr/^outer $sub inner guarded/, 'a guarded SSI page'],
    ['/moved/page', qr/^AUTHSVC_SUB=$sub$/m, 'a rewritten path'],
) {
    my ($path, $what, $name) = @$row;
    my $reply = $site->get($path, $token);
    is($reply->{status}, 200, $name);
    like($reply->{body}, $what, "$name: who it is");
}
my $reply = $site->get('/inner/page.shtml', $token);
like(header($reply, 'told'), qr/^$sub\|\Q$ann\E\|\d+$/, 'a header by authsvc()');
is(header($site->get('/outer.shtml'), 'told'), '||', 'which is empty for nobody');
unlike($site->get('/outer.shtml')->{body}, qr/guarded/, 'an included page keeps its guard');

$reply = $site->get('/error/page.shtml', $plain);
is($reply->{status}, 403, 'a refusal with an ErrorDocument');
like($reply->{body}, qr/^error 403 \[$other\]/, 'which knows whom it refuses');
like(header($reply, 'www-authenticate'), qr/insufficient_scope/, 'and keeps the challenge');
$reply = $site->get('/error/page.shtml');
is($reply->{status}, 401, 'without a token it is 401');
like($reply->{body}, qr/^error 401 \[\(none\)\]/, 'and nobody');

is($site->get('/moved/page', $plain)->{status}, 403, 'a rewritten path meets its target\'s guard');

# What a backend sees: Authorization, X-Auth-Sub, -Roles, X_Auth_Sub, X-Auth-Team
my @forged = map { [$_ => 'mallory'] }
    qw(X-Auth-Sub X_Auth_Sub x-auth_ROLES X-AUTH-TEAM X-Auth-Email);
my $basic = ['Authorization', 'Basic ' . encode_base64("$ann:$AuthSvc::Guard::PASSWORD", '')];
for my $row (
    ['/told/', [$bearer], "[|$sub|User admin||]", 'AuthSvcPassHeaders On'],
    ['/untold/', [$bearer], '[||||]', 'without it'],
    ['/token/', [$bearer], "[Bearer $token||||]", 'AuthSvcPassToken On'],
    ['/open/', [], '[||||]', 'an open location with AuthSvcPassHeaders'],
    ['/open/', [$bearer], "[Bearer $token||||]", 'which is no guard: headers pass'],
    ['/ip-told/', [], '[||||]', 'let in by address'],
    ['/ip-told/', [$bearer], '[||||]', 'let in by address with a token that nobody read'],
    ['/basic-told/', [$basic], "[|$sub|User admin||]", 'Basic'],
) {
    my ($path, $headers, $seen, $name) = @$row;
    for my $more ([], \@forged, [['Connection', 'close, X-Auth-Sub, X-Auth-Roles']]) {
        $reply = $site->request('GET', $path, [@$headers, @$more]);
        is(header($reply, 'seen'), $seen, "$name: seen, after " . ($more->[0] ? $more->[0][0] : 'none'));
    }
}

# CGI
$reply = $site->request('GET', '/cgi/env', [$bearer, @forged, ['AUTHSVC_SUB', 'mallory']]);
is($reply->{status}, 200, 'CGI');
like($reply->{body}, qr/^AUTHSVC_SUB=$sub$/m, 'AUTHSVC_SUB');
like($reply->{body}, qr/^AUTHSVC_ROLES=User admin$/m, 'AUTHSVC_ROLES');
like($reply->{body}, qr/^AUTHSVC_SID=\w{32}$/m, 'AUTHSVC_SID');
unlike($reply->{body}, qr/mallory|HTTP_AUTHORIZATION/, 'no forgery, no token');
$reply = $site->request('GET', '/cgi-token/env', [$bearer, @forged]);
like($reply->{body}, qr/^HTTP_AUTHORIZATION=Bearer \Q$token\E$/m, 'AuthSvcPassToken On: the token');
like($reply->{body}, qr/^HTTP_X_AUTH_SUB=$sub$/m, 'AuthSvcPassHeaders On: the headers');
$reply = $site->request('GET', '/cgi-token/env/path/info', [$bearer]);
like($reply->{body}, qr/^AUTHSVC_SUB=$sub$/m, 'a script with a path behind it');

# CORS
my @preflight = (['Origin', 'https://app.example.com'], ['Access-Control-Request-Method', 'PUT']);
is($site->request('OPTIONS', '/asked/', \@preflight)->{status}, 200, 'AuthSvcPreflight On');
is($site->request('OPTIONS', '/unasked/', \@preflight)->{status}, 401, 'Off');
is($site->request('OPTIONS', '/asked/', [$preflight[0]])->{status}, 401, 'no preflight');
is($site->request('GET', '/asked/', \@preflight)->{status}, 401, 'another method');
is($site->request('OPTIONS', '/asked-ip/', \@preflight)->{status}, 403, 'rules for addresses hold');
done_testing();
