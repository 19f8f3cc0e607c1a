# SPDX-License-Identifier: Apache-2.0
# Every case of t/cases, one subtest a file; AUTHSVC_CASE=pattern picks some. What was asked and
# answered is recorded for t/openapi.t.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Case;
use AuthSvc::Recording;

my $pattern = $ENV{AUTHSVC_CASE} // '.';
my @files = grep { /$pattern/ } sort glob "$FindBin::Bin/cases/*/*.case";
ok(@files > 0, 'there are cases');
AuthSvc::Recording::begin($pattern eq '.');
AuthSvc::Case::run_file($_) for @files;
done_testing();
