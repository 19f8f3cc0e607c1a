# SPDX-License-Identifier: Apache-2.0
# Codes in quick succession for one address: each kills the one before and its message, also while
# that is being sent. The last one is good, and the log does not call it a fault.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Client qw(fresh_email);
use AuthSvc::Httpd;
use AuthSvc::Outbox;

my $httpd = AuthSvc::Httpd->new(dir => "$ENV{AUTHSVC_TEST_STATE}/superseded")->start;
my $client = $httpd->client;
my $address = fresh_email();
my %name = (email_or_phone => $address);

$client->post(register => { %name, password => 'secret-1' });
$client->post(resend => \%name) for 1 .. 300;
my ($message, @codes);
unshift @codes, $message->{text} =~ /(\d{6})/
    while $message = $client->{mail}->next_message($address, 3);

# Several children send: a message that was on its way already can arrive after the last one.
my ($good) = grep { ($client->post(verify => { %name, code => $_ }))[0] == 200 } @codes[0 .. 3];
ok($good, 'the last code is good');
$httpd->stop;

my $log = AuthSvc::Outbox::slurp("$httpd->{dir}/logs/error_log");
my @faults = $log =~ /(could not be stored)/g;
is(scalar @faults, 0, 'a message whose code has died meanwhile is no fault');
done_testing();
