# SPDX-License-Identifier: Apache-2.0
#
# The OpenAPI documents of a server, and the mounts they are served at as t/conf/server.conf names
# them, so that a new mount is not forgotten. Used by t/openapi.t and t/doors.t.
package AuthSvc::Documents;

use strict;
use warnings;

use AuthSvc::Client qw(json);
use AuthSvc::Httpd ();

my $MOUNT = qr{<Location "([^"]+)">\s+SetHandler authsvc\s+AuthSvcAPI (\S+)[ ]*(\S*)\s};

# {base, dialect, only}, the last one where a mount has a single route.
sub mounts
{
    my $conf = AuthSvc::Httpd::server_conf();
    my @mounts;
    while ($conf =~ /$MOUNT/g) {
        push @mounts, { base => $1, dialect => $2, $3 ? (only => "/$3") : () };
    }
    return @mounts;
}

# The same with the document of each; of a mount with a single route it is its dialect's.
sub fetch
{
    my ($client) = @_;
    my (%of, @mounts);
    for my $mount (sort { exists $a->{only} <=> exists $b->{only} } mounts()) {
        $of{ $mount->{dialect} } //= document($client, $mount->{base}) unless $mount->{only};
        my $document = $of{ $mount->{dialect} } or die "no document for $mount->{base}\n";
        push @mounts, { %$mount, document => $document };
    }
    return @mounts;
}

sub document
{
    my ($client, $base) = @_;
    my $reply = $client->get("$base/openapi.json");
    die "$client->{host}$base/openapi.json: $reply->{status}\n" unless $reply->{status} == 200;
    return json->decode($reply->{body});
}

1;
