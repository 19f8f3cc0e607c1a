# SPDX-License-Identifier: Apache-2.0
# A mount cannot be taken by what lies in the document root, by rewriting, an alias, a denied folder
# or a proxy.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Client qw(json);

my %wrong = (email_or_phone => 'nobody@example.com', password => 'secret-1');

for my $host (qw(mount denied proxied)) {
    my $client = AuthSvc::Client->new(host => "$host.test");
    my ($status, $reply) = $client->post(login => \%wrong);
    is($status, 400, "$host: the mount answers");
    is($reply->{detail}, 'Incorrect e-mail, phone or password', "$host: in its own words");
    is($client->get('me')->{status}, 401, "$host: a second route, too");
    is($client->get('')->{status}, 404, "$host: the folder itself is no page");
    is($client->get('caught.html')->{status}, 404, "$host: nor is a file in it");
    is($client->get('/bioentrust/user/home')->{status}, 200, "$host: another mount");
    my $keys = $client->get('/.well-known/jwks.json');
    is($keys->{status}, 200, "$host: the key set");
    ok(json->decode($keys->{body})->{keys}, "$host: is a key set");
}

my %beside = (mount => 200, denied => 403, proxied => 503);
for my $host (sort keys %beside) {
    my $client = AuthSvc::Client->new(host => "$host.test");
    is($client->get('/elsewhere')->{status}, $beside{$host}, "$host: beside the mount");
}
done_testing();
