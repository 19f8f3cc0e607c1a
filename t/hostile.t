# SPDX-License-Identifier: Apache-2.0
# Bytes no honest client sends: each gets a refusal or nothing, the server stays up, and its log
# keeps no secret.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use AuthSvc::Client qw(fresh_email);

my $SECRET = 'never-to-be-logged-77';
my $BODY = qq({"email_or_phone": "nobody\@example.com", "password": "$SECRET"});
my $client = AuthSvc::Client->new;

sub post_bytes
{
    my ($headers, $body) = @_;
    return join "\r\n", 'POST /trainova/auth/login HTTP/1.1', 'Host: main.test',
        'Connection: close', 'Content-Type: application/json', @$headers, '', $body;
}

sub get_bytes
{
    my ($path, @headers) = @_;
    my @lines = ("GET $path HTTP/1.1", 'Host: main.test', 'Connection: close', @headers);
    return join "\r\n", @lines, '', '';
}

sub chunk_bytes
{
    my ($size) = @_;
    return post_bytes(['Transfer-Encoding: chunked'], "$size\r\n$BODY\r\n0\r\n\r\n");
}

sub status_of
{
    my ($bytes) = @_;
    return AuthSvc::Client::parse($bytes)->{status};
}

my $long = length($BODY) + 10;
my $hex = sprintf '%x', length $BODY;

# [what it is, the bytes, the statuses it may get; 0 is a closed connection]
my @rows = (
    ['a huge header', post_bytes(['X-Big: ' . 'x' x 20000, 'Content-Length: 2'], '{}'), 400, 431],
    ['many headers', get_bytes('/trainova/auth/me', map { "X-$_: 1" } 1 .. 500), 400, 431],
    ['a huge token', get_bytes('/trainova/auth/me', 'Authorization: Bearer ' . 'A' x 8000), 401],
    ['a huge path', get_bytes('/trainova/auth/' . 'x' x 20000), 414],
    ['a NUL in the path', get_bytes('/trainova/auth/me%00'), 400, 404],
    ['a slash in disguise', get_bytes('/trainova%2fauth/me'), 404],
    ['a negative length', post_bytes(['Content-Length: -1'], $BODY), 400],
    ['two lengths', post_bytes(['Content-Length: 5', 'Content-Length: 6'], $BODY), 400],
    ['a length that is a word', post_bytes(['Content-Length: much'], $BODY), 400],
    ['a length beyond all numbers', post_bytes(['Content-Length: ' . '9' x 20], $BODY), 400, 413],
    ['a length of gigabytes', post_bytes(['Content-Length: 4294967297'], $BODY), 413],
    ['an unknown transfer coding', post_bytes(['Transfer-Encoding: gzip'], $BODY), 400, 501],
    ['a chunk without a size', chunk_bytes('zz'), 400],
    ['a chunk of a negative size', chunk_bytes('-5'), 400],
    ['a chunk of a huge size', chunk_bytes('f' x 16), 400, 413],
    ['a chunk longer than told', chunk_bytes('5'), 400],
    ['chunks and a length', post_bytes(['Transfer-Encoding: chunked', 'Content-Length: 3'],
        "$hex\r\n$BODY\r\n0\r\n\r\n"), 400],
    ['no HTTP at all', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, 0],
);

for my $row (@rows) {
    my ($name, $bytes, @allowed) = @$row;
    my $status = status_of($client->raw($bytes, 15));
    ok((grep { $_ == $status } @allowed), "$name: @allowed") or diag("got $status");
}

for my $row (['a body shorter than told', "Content-Length: $long", $BODY],
    ['a chunk shorter than told', 'Transfer-Encoding: chunked', "fff\r\n$BODY"]) {
    my $socket = $client->connect_to;
    AuthSvc::Client::write_all($socket, post_bytes([$row->[1]], $row->[2]));
    shutdown $socket, 1;
    my $status = status_of(AuthSvc::Client::read_all($socket, 15));
    ok($status == 400 || $status == 0, "$row->[0], then the end") or diag("got $status");
}

my $start = time;
my $slow = $client->connect_to;
AuthSvc::Client::write_all($slow, post_bytes(["Content-Length: $long"], substr $BODY, 0, 20));
my $status = status_of(AuthSvc::Client::read_all($slow, 18));
ok((grep { $_ == $status } 0, 400, 408), 'an endless body is cut off') or diag("got $status");
cmp_ok(time - $start, '<', 16, 'in time');

my %wrong = (email_or_phone => fresh_email(), password => 'secret-1');
my ($after, $reply) = $client->post(login => \%wrong);
is($after, 400, 'the server still answers');
is($reply->{detail}, 'Incorrect e-mail, phone or password', 'as always');

my $log = AuthSvc::Outbox::slurp("$ENV{AUTHSVC_TEST_LOGS}/error_log");
unlike($log, qr/\Q$SECRET\E/, 'no password in the log');
unlike($log, qr/exit signal (?:Seg|Abort|Bus|Ill)/, 'no child has crashed');
done_testing();
