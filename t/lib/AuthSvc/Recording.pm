# SPDX-License-Identifier: Apache-2.0
#
# Keeps what was asked and answered in a file of the server's state, for t/openapi.t to hold it to
# the documents: a line that tells whether all cases were run, then one JSON object an exchange.
# Octets are written as characters. Used by t/cases.t and t/doors.t through AuthSvc::Client.
package AuthSvc::Recording;

use strict;
use warnings;

use AuthSvc::Client qw(json);

sub file { return "$ENV{AUTHSVC_TEST_STATE}/exchanges.jsonl" }

sub put
{
    my ($mode, $line) = @_;
    open my $out, $mode, file() or die file() . ": $!\n";
    print $out json->encode($line), "\n";
    close $out or die file() . ": $!\n";
    return;
}

# Begins anew; complete: no case is left out.
sub begin
{
    my ($complete) = @_;
    put('>', { complete => $complete ? \1 : \0 });
    return;
}

# What a client's "heard" is to be, under the name of the test that records.
sub recorder
{
    my ($by) = @_;
    return sub {
        my ($client, $method, $path, $sent, $reply) = @_;
        begin(0) unless -e file();
        put('>>', {
            by => $by, host => $client->{host}, method => $method, path => $path, sent => $sent,
            status => 0 + $reply->{status}, body => $reply->{body},
            type => join(', ', @{ $reply->{headers}{'content-type'} || [] }),
        });
    };
}

# The exchanges that were recorded.
sub read_all
{
    open my $in, '<', file() or return;
    my ($head, @lines) = <$in>;
    return map { json->decode($_) } @lines;
}

1;
