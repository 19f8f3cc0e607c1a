# SPDX-License-Identifier: Apache-2.0
# Twelve clients refresh one token at once: all get the same successor, in every one of 50 runs.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Client;
use AuthSvc::Storm;

my $result = AuthSvc::Storm::refresh_race(AuthSvc::Client->new, 50, 12);
is_deeply($result->{faults}, [], "$result->{runs} runs of $result->{clients} clients agree");
done_testing();
