# SPDX-License-Identifier: Apache-2.0
# A token in a link does not reach the access log: neither by the request line, nor by the query,
# nor by the Referer. What is not a mount's is logged as it came.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Httpd;

my $dir = "$ENV{AUTHSVC_TEST_STATE}/masking";
my $httpd = AuthSvc::Httpd->new(dir => $dir, extra => <<"TEXT")->start;
LogFormat "%{X-Row}i\\t%r\\t%U\\t%q\\t%{Referer}i" parts
CustomLog "$dir/logs/parts_log" parts
ErrorDocument 404 /missing.html
HttpProtocolOptions Unsafe
TEXT
my $client = $httpd->client;
my $mount = '/trainova/auth';

# [what it is, method, target, Referer, the target and the Referer as they are logged]
my @rows = (
    ['a token', POST => "$mount/login?token=s3cret", '-', "$mount/login?token=***"],
    ['a reset', POST => '/authentication-api/auth/reset-password?token=s3cret', '-',
        '/authentication-api/auth/reset-password?token=***'],
    ['among others', GET => "$mount/me?a=1&token=s3cret&b=2", '-', "$mount/me?a=1&token=***&b=2"],
    ['twice', GET => "$mount/me?token=s3cret&token=s3cret", '-', "$mount/me?token=***&token=***"],
    ['an empty one', GET => "$mount/me?token=", '-', "$mount/me?token=***"],
    ['an escaped name', GET => "$mount/me?%74oke%6E=s3cret", '-', "$mount/me?%74oke%6E=***"],
    ['capitals', GET => "$mount/me?Token=s3cret", '-', "$mount/me?Token=***"],
    ['an equals sign in it', GET => "$mount/me?token=s3cret=s3cret", '-', "$mount/me?token=***"],
    ['other names', GET => "$mount/me?tokens=1&xtoken=2&toke=3&token", '-',
        "$mount/me?tokens=1&xtoken=2&toke=3&token"],
    ['a route that is none', GET => "$mount/nowhere?token=s3cret", '-',
        "$mount/nowhere?token=***"],
    ['another handler', GET => '/.well-known/jwks.json?token=s3cret', '-',
        '/.well-known/jwks.json?token=***'],
    ['a refused method', DELETE => '/.well-known/jwks.json?token=s3cret', '-',
        '/.well-known/jwks.json?token=***'],
    ['a whole URL', GET => "http://main.test$mount/me?token=s3cret", '-',
        "http://main.test$mount/me?token=***"],
    ['a whole URL with a password', GET => "http://u:p\@main.test$mount/me?token=s3cret", '-',
        "http://u:XXXXXXXX\@main.test$mount/me?token=***"],
    ['a Referer', GET => "$mount/me", 'https://app.test/x?b=1&token=s3cret',
        "$mount/me", 'https://app.test/x?b=1&token=***'],
    ['a Referer without one', GET => "$mount/me", 'https://app.test/x?b=1', "$mount/me",
        'https://app.test/x?b=1'],
    ['a page that is no mount', GET => '/index.html?token=theirs', 'https://app.test/x?token=theirs',
        '/index.html?token=theirs', 'https://app.test/x?token=theirs'],
);

while (my ($number, $row) = each @rows) {
    my (undef, $method, $target, $referer) = @$row;
    $client->request($method, $target, [['X-Row', $number], ['Referer', $referer]],
        $method eq 'POST' ? '{}' : undef);
}

# Refused before anybody asked whose it is: no Host, and a line that is none.
$client->raw("GET $mount/me?token=s3cret HTTP/1.1\r\nX-Row: early\r\n\r\n");
$client->raw("GET $mount/me?token=s3cret s3cret HTTP/1.1\r\nHost: main.test\r\n"
    . "Connection: close\r\n\r\n");
$httpd->stop;

sub slurp
{
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

my $log = slurp("$dir/logs/parts_log");
my %logged = map { my ($number, @parts) = split /\t/; ($number => \@parts) } split /\n/, $log;
while (my ($number, $row) = each @rows) {
    my ($name, $method, undef, undef, $target, $referer) = @$row;
    my ($line, undef, $query, $from) = @{ $logged{$number} || [] };
    is($line, "$method $target HTTP/1.1", "$name: the request line");
    is($query, $target =~ /(\?.*)/ ? $1 : '', "$name: the query");
    is($from, $referer || '-', "$name: the Referer");
}
is($logged{early}[0], "GET $mount/me?token=*** HTTP/1.1", 'a request without Host');
like($log, qr{^-\tGET \Q$mount\E/me\?token=\*\*\*( HTTP/1\.1)?\t}m, 'a blank in the token');
unlike(slurp("$dir/logs/$_"), qr/s3cret/, "no token in $_") for qw(parts_log access_log error_log);
done_testing();
