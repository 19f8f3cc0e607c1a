# SPDX-License-Identifier: Apache-2.0
# What mod_authsvc_file writes: mails any mail program opens, text messages as JSON; soon, whole,
# and also after a kill.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use AuthSvc::Client qw(fresh_email fresh_phone);
use AuthSvc::Httpd;

my $client = AuthSvc::Client->new;

sub register
{
    my ($from, $address) = @_;
    my ($status) = $from->post(register => { email_or_phone => $address, password => 'secret-1' });
    is($status, 200, "register $address");
    return;
}

my $address = fresh_email();
register($client, $address);
my $sent = time;
my $mail = $client->{mail}->next_message($address);
ok($mail, 'a mail came');
cmp_ok(time - $sent, '<', 2, 'soon');
like($mail->{name}, qr/\.eml$/, 'as .eml');
ok($mail->{header}{$_}, "it has $_") for qw(from to subject date message-id mime-version);
like($mail->{header}{'message-id'}, qr/^<[^<>\s@]+@[^<>\s@]+>$/, 'Message-ID is well formed');
my $date = qr/^(?:\w{3}, )?\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;
like($mail->{header}{date}, $date, 'Date is well formed');
like($mail->{header}{'content-type'}, qr{^multipart/alternative}, 'it has alternatives');
unlike($mail->{bytes}, qr/(?<!\r)\n|\r(?!\n)/, 'lines end with CR LF');
my @long = grep { length > 998 } split /\r\n/, $mail->{bytes};
is(scalar @long, 0, 'no line is over 998 octets');
my @codes = $mail->{text} =~ /(\d{6})/g;
is(scalar @codes, 1, 'the text has one run of six digits');
unlike($mail->{text}, qr/\d{7}/, 'and none longer');
like($mail->{html}, qr/(?<!\d)$codes[0](?!\d)/, 'the HTML has the same code');
like($mail->{html}, qr/<html/i, 'and is HTML');

my $phone = fresh_phone();
register($client, $phone);
my $sms = $client->{mail}->next_message($phone);
ok($sms, 'a text message came');
like($sms->{name}, qr/\.json$/, 'as .json');
is_deeply($sms->{members}, [qw(text to)], 'with to and text, no more');
is($sms->{to}, $phone, 'to the number');
like($sms->{text}, qr/(?<!\d)\d{6}(?!\d)/, 'with a code');

opendir my $dir, $client->{outbox} or die "outbox: $!\n";
my @odd = grep { !/^\./ && !/\.(?:eml|json)$/ } readdir $dir;
is("@odd", '', 'nothing half written lies about');
my @open = grep { (stat "$client->{outbox}/$_->{name}")[2] & 0007 } $mail, $sms;
is(scalar @open, 0, 'not everybody may read them');

my $httpd = AuthSvc::Httpd->new(dir => "$ENV{AUTHSVC_TEST_STATE}/own-outbox")->start;
my $own = $httpd->client;
for my $round (1 .. 2) {
    my $killed = fresh_email();
    register($own, $killed);
    kill 'KILL', $httpd->children;
    ok($own->{mail}->next_message($killed, 25), 'a message outlives its sender');
    $httpd->wait_up;
}
$httpd->stop;
done_testing();
