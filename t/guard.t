# SPDX-License-Identifier: Apache-2.0
# A guarded page: who gets in, who is asked for a token, and what the page behind the guard is told.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;

use AuthSvc::Client qw(json fresh_email);

my $client = AuthSvc::Client->new;
my $address = $client->sign_up(fresh_email(), 'secret-1');
my $tokens = $client->sign_in($address, 'secret-1');
my $good = $tokens->{access_token};
my ($header, $claims, $signature) = split /\./, $good;

sub challenge
{
    return join ', ', @{ $_[0]{headers}{'www-authenticate'} || [] };
}

sub bent
{
    my ($text) = @_;
    substr($text, 20, 1) = substr($text, 20, 1) eq 'A' ? 'B' : 'A';
    return $text;
}

sub other
{
    my ($part, %change) = @_;
    return encode_base64url(json->encode({ %{ json->decode(decode_base64url($part)) }, %change }));
}

my $none = encode_base64url('{"alg":"none","typ":"at+jwt"}');
my @refused = (
    ['wrong signature', "$header.$claims." . bent($signature)],
    ['no signature', "$header.$claims."],
    ['short signature', "$header.$claims." . substr $signature, 0, 43],
    ['zero signature', "$header.$claims." . encode_base64url("\0" x 64)],
    ['longer life', "$header." . other($claims, exp => time + 86400 * 365) . ".$signature"],
    ['another subject', "$header." . other($claims, sub => 'x') . ".$signature"],
    ['alg none', "$none.$claims."],
    ['alg none, signed', other($header, alg => 'none') . ".$claims.$signature"],
    ['alg HS256', other($header, alg => 'HS256') . ".$claims.$signature"],
    ['another kid', other($header, kid => 'x') . ".$claims.$signature"],
    ['another type', other($header, typ => 'JWT') . ".$claims.$signature"],
    ['a refresh token', $tokens->{refresh_token}],
    ['an empty token', ''],
);

my $reply = $client->get('/protected/', $good);
is($reply->{status}, 200, 'a good token gets in');
like($reply->{body}, qr/protected page/, 'and gets the page');

$reply = $client->get('/protected/');
is($reply->{status}, 401, 'without a token nobody gets in');
is(challenge($reply), 'Bearer realm="protected"', 'the challenge has the realm, no error');
unlike($reply->{body}, qr/protected page/, 'and nothing of the page comes');

$reply = $client->request('GET', '/protected/', [['Authorization', 'Basic YTpi']]);
is($reply->{status}, 401, 'another scheme is no token');
is(challenge($reply), 'Bearer realm="protected"', 'and no error');

for my $row (@refused) {
    $reply = $client->request('GET', '/protected/', [['Authorization', "Bearer $row->[1]"]]);
    is($reply->{status}, 401, "$row->[0] is refused");
    like(challenge($reply), qr/^Bearer realm="protected"/, "$row->[0]: challenge");
}

$reply = $client->request('GET', '/protected/environment.shtml',
    [['Authorization', "Bearer $good"], ['AUTHSVC_SUB', 'mallory'], ['X-Auth-Sub', 'mallory']]);
my %told = $reply->{body} =~ /^(\w+)=(.*)$/mg;
my $known = json->decode(decode_base64url($claims));
is($told{REMOTE_USER}, $known->{sub}, 'REMOTE_USER is the subject');
is($told{AUTHSVC_SUB}, $known->{sub}, 'AUTHSVC_SUB is the subject');
is($told{AUTHSVC_SID}, $known->{sid}, 'AUTHSVC_SID is the session');
is($told{AUTHSVC_EMAIL}, $address, 'AUTHSVC_EMAIL is the proven address');
is($told{AUTHSVC_AMR}, 'pwd', 'AUTHSVC_AMR says how');
unlike($reply->{body}, qr/mallory/, 'what the client claims to be is not passed on');

is($client->get('/', $good)->{status}, 200, 'an open page stays open');
is($client->get('/protected/nowhere', $good)->{status}, 404, 'a missing page is missing');
is($client->get('/protected/nowhere')->{status}, 401, 'but only for those who get in');

my ($status) = $client->post(logout => { refresh_token => $tokens->{refresh_token} });
is($status, 200, 'sign out');
$reply = $client->get('/protected/', $good);
is($reply->{status}, 401, 'after the sign-out the same token is refused');
like(challenge($reply), qr/error="invalid_token"/, 'as invalid');

my $again = $client->sign_in($address, 'secret-1')->{access_token};
my $apart = AuthSvc::Client->new(host => 'apart.test');
is($client->get('/protected/', $again)->{status}, 200, 'a new token gets in');
is($apart->get('/protected/', $again)->{status}, 401, 'but not at a service with other keys');
done_testing();
