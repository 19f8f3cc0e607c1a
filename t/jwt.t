# SPDX-License-Identifier: Apache-2.0
# An access token as others see it: header, claims, and a signature that openssl confirms with the
# published key.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp ();
use MIME::Base64 qw(decode_base64url);
use Test::More;

use AuthSvc::Client qw(json fresh_email);

# DER: a P-256 public key's fixed prefix, then the point; a signature as a SEQUENCE of two INTEGERs.
my $SPKI_P256 = pack 'H*', '3059301306072a8648ce3d020106082a8648ce3d03010703420004';

sub der_integer
{
    my ($bytes) = @_;
    $bytes =~ s/^\0+(?=.)//s;
    $bytes = "\0$bytes" if ord($bytes) & 0x80;
    return pack('CC', 2, length $bytes) . $bytes;
}

sub der_signature
{
    my ($raw) = @_;
    my $pair = der_integer(substr $raw, 0, 32) . der_integer(substr $raw, 32);
    return pack('CC', 0x30, length $pair) . $pair;
}

sub file_of
{
    my ($bytes) = @_;
    my $file = File::Temp->new;
    binmode $file;
    print $file $bytes;
    close $file;
    return $file;
}

sub verified
{
    my ($key, $text, $signature) = @_;
    my $public = file_of($SPKI_P256 . decode_base64url($key->{x}) . decode_base64url($key->{y}));
    my ($signed, $sig) = (file_of($text), file_of(der_signature($signature)));
    my $pem = File::Temp->new;
    system "openssl pkey -pubin -inform DER -in $public -out $pem 2>/dev/null";
    return `openssl dgst -sha256 -verify $pem -signature $sig $signed 2>&1` =~ /Verified OK/;
}

my $client = AuthSvc::Client->new;
my $address = $client->sign_up(fresh_email(), 'secret-1');
my $before = time;
my $tokens = $client->sign_in($address, 'secret-1');
my ($header_part, $claims_part, $signature_part) = split /\./, $tokens->{access_token};
my $header = json->decode(decode_base64url($header_part));
my $claims = json->decode(decode_base64url($claims_part));

is_deeply([sort keys %$header], [qw(alg kid typ)], 'the header says alg, kid and typ');
is($header->{alg}, 'ES256', 'alg');
is($header->{typ}, 'at+jwt', 'typ');

my %want = (iss => 'https://auth.example.com', client_id => 'trainova');
is($claims->{$_}, $want{$_}, $_) for sort keys %want;
my $audience = ref $claims->{aud} ? $claims->{aud} : [$claims->{aud}];
is_deeply($audience, ['https://app.example.com'], 'aud');
like($claims->{$_}, qr/^\S{8,}$/, "$_ is there") for qw(sub jti sid);
like($claims->{$_}, qr/^\d+$/, "$_ is a number") for qw(iat exp auth_time);
cmp_ok(abs($claims->{iat} - $before), '<=', 5, 'iat is now');
is($claims->{exp} - $claims->{iat}, 900, 'it lives 15 minutes');
is_deeply($claims->{amr}, ['pwd'], 'amr');
unlike($claims->{sub}, qr/@/, 'the subject is opaque');
ok(!exists $claims->{$_}, "no $_ in it") for qw(email password phone phone_number team);

my $reply = $client->get('/.well-known/jwks.json');
is($reply->{status}, 200, 'the key set is public');
like($reply->{headers}{'content-type'}[0], qr{^application/(?:jwk-set\+)?json}, 'and JSON');
my $set = json->decode($reply->{body});
my ($key) = grep { $_->{kid} eq $header->{kid} } @{ $set->{keys} };
ok($key, 'the token\'s key is in it');
is($key->{kty}, 'EC', 'kty');
is($key->{crv}, 'P-256', 'crv');
is($key->{alg}, 'ES256', 'alg of the key');
is($key->{use}, 'sig', 'use');
my @private = grep { defined $_->{d} } @{ $set->{keys} };
is(scalar @private, 0, 'no private part is published');

my $signature = decode_base64url($signature_part);
is(length $signature, 64, 'the signature is r and s');
ok(verified($key, "$header_part.$claims_part", $signature), 'openssl confirms the signature');
ok(!verified($key, "$header_part.x$claims_part", $signature), 'and no other text');

my (undef, $next) = $client->post(refresh => { refresh_token => $tokens->{refresh_token} });
my $later = json->decode(decode_base64url((split /\./, $next->{access_token})[1]));
is($later->{$_}, $claims->{$_}, "$_ stays at a refresh") for qw(sub sid auth_time);
isnt($later->{jti}, $claims->{jti}, 'jti does not');

like($tokens->{refresh_token}, qr/^[\w-]{70,}$/, 'the refresh token is opaque base64url');
done_testing();
