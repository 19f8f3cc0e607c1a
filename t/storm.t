# SPDX-License-Identifier: Apache-2.0
# A short slice of the storm: children and the whole server are killed while people sign up.
# scripts/storm does more.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Httpd;
use AuthSvc::Storm;

my $httpd = AuthSvc::Httpd->new(dir => "$ENV{AUTHSVC_TEST_STATE}/storm")->start;
my $result = AuthSvc::Storm::kill_signup($httpd, 6);
$httpd->stop;
ok($result->{verified} > 0, "people signed up: $result->{verified}");
is_deeply($result->{faults}, [], "$result->{kills} kills: nothing lost, nothing half made");
done_testing();
