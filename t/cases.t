# SPDX-License-Identifier: Apache-2.0
# Every case of t/cases, one subtest a file; AUTHSVC_CASE=pattern picks some.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Case;

my $pattern = $ENV{AUTHSVC_CASE} // '.';
my @files = grep { /$pattern/ } sort glob "$FindBin::Bin/cases/*/*.case";
ok(@files > 0, 'there are cases');
AuthSvc::Case::run_file($_) for @files;
done_testing();
