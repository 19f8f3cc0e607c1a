# SPDX-License-Identifier: Apache-2.0
#
# Time-based codes (RFC 6238: SHA-1, 6 digits, 30 s), as a telephone makes them.
# Never knows which were used. Used by the cases and t/*.t.
package AuthSvc::Totp;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha1);
use Exporter qw(import);

our @EXPORT_OK = qw(totp);

sub base32
{
    my ($text) = @_;
    my %value;
    @value{ 'A' .. 'Z', 2 .. 7 } = 0 .. 31;
    my $bits = join '', map { sprintf '%05b', $value{$_} } split //, uc $text =~ s/=+$//r;
    return pack 'B*', substr $bits, 0, 8 * int(length($bits) / 8);
}

# The code of this moment, or of so many steps later or (negative) earlier.
sub totp
{
    my ($secret, $steps) = @_;
    my $counter = pack 'Q>', int(time / 30) + ($steps // 0);
    my $mac = hmac_sha1($counter, base32($secret));
    my $offset = ord(substr $mac, -1) & 15;
    return sprintf '%06d', (unpack('N', substr $mac, $offset, 4) & 0x7fffffff) % 1_000_000;
}

1;
