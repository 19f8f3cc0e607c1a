# SPDX-License-Identifier: Apache-2.0
# A wrong line stops the start with a message: the directive, the value and what is allowed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Httpd;

sub within
{
    my ($section, $line) = @_;
    my ($name) = $section =~ /^(\w+)/;
    return "<$section>\n$line\n</$name>";
}

# What no link of a message may be.
my @bad_links = qw(
    /restore?token=%{token}
    ftp://app.example.com/restore?token=%{token}
    https:///restore?token=%{token}
    https://app.example.com/restore
    https://app.example.com/%{token}?token=%{token}
    https://app.example.com/%{site}?token=%{token}
    https://ann@app.example.com/?token=%{token}
    https://%{token}.example.com/restore
    https://app.example.com/<%{token}>
);

# [the line, and words the message must have]
my @bad = (
    ['AuthSvcAccessTTL soon', 'AuthSvcAccessTTL', 'soon'],
    ['AuthSvcAccessTTL 0', 'AuthSvcAccessTTL', '0'],
    ['AuthSvcAccessTTL -5m', 'AuthSvcAccessTTL', '-5m'],
    ['AuthSvcRefreshTTL 12parsecs', 'AuthSvcRefreshTTL', '12parsecs'],
    ['AuthSvcSessionMax never', 'AuthSvcSessionMax', 'never'],
    ['AuthSvcRefreshGrace -1s', 'AuthSvcRefreshGrace', '-1s'],
    ['AuthSvcKeyLife sometimes', 'AuthSvcKeyLife', 'sometimes', '3650d'],
    ['AuthSvcKeyLead 1m', 'AuthSvcKeyLead', '1m', '0s, or a duration from 10m to 7d'],
    ['AuthSvcKeyLead 8d', 'AuthSvcKeyLead', '8d', '0s, or a duration from 10m to 7d'],
    ['AuthSvcDBDDriver sqlite3', 'AuthSvcDBDDriver'],
    ['AuthSvcDBDriver nosql', 'AuthSvcDBDriver', 'nosql'],
    ['AuthSvcDBDMax 0', 'AuthSvcDBDMax', '0'],
    ['AuthSvcDBDMax many', 'AuthSvcDBDMax', 'many'],
    ['AuthSvcDBDTimeout always', 'AuthSvcDBDTimeout', 'always'],
    ['AuthSvcPasswordHash rot13', 'AuthSvcPasswordHash', 'rot13', 'argon2id'],
    ['AuthSvcPasswordHash argon2id m=1 t=1 p=1', 'AuthSvcPasswordHash', 'm'],
    ['AuthSvcPasswordHash argon2id m=64 t=0 p=1', 'AuthSvcPasswordHash', 't'],
    ['AuthSvcPasswordHash argon2id q=1', 'AuthSvcPasswordHash', 'q=1'],
    ['AuthSvcDelivery pigeon file', 'AuthSvcDelivery', 'pigeon', 'email', 'sms'],
    ['AuthSvcDelivery email nowhere', 'AuthSvcDelivery', 'nowhere', 'file'],
    ['AuthSvcIdentity', 'AuthSvcIdentity'],
    ['AuthSvcIdentity nowhere', 'AuthSvcIdentity', 'nowhere', 'facebook, fake, google',
        'LoadModule'],
    ['AuthSvcIdentity google', 'AuthSvcIdentity', '"google"', 'once'],
    ['AuthSvcIdentity fake:corp fake:corp', 'AuthSvcIdentity', 'fake:corp', 'once'],
    ['AuthSvcIdentity fake:google', 'AuthSvcIdentity', 'fake:google', 'once'],
    ['AuthSvcIdentity fake:', 'AuthSvcIdentity', 'fake:', 'labels of 1 to 32'],
    ['AuthSvcIdentity fake:Corp', 'AuthSvcIdentity', 'fake:Corp', 'labels of 1 to 32'],
    ['AuthSvcIdentity fake:a/b', 'AuthSvcIdentity', 'fake:a/b', 'labels of 1 to 32'],
    ['AuthSvcIdentity fake', 'AuthSvcIdentity', 'fake: it takes a label'],
    ['AuthSvcIdentity off', 'AuthSvcIdentity', '"off"', 'off alone'],
    [within('VirtualHost 127.0.0.1:${PORT}', "AuthSvcIdentity off\nAuthSvcIdentity google"),
        'AuthSvcIdentity', '"google"', 'off alone'],
    ['AuthSvcCaptcha', 'AuthSvcCaptcha'],
    ['AuthSvcCaptcha nowhere', 'AuthSvcCaptcha', 'nowhere', 'recaptcha', 'LoadModule'],
    ['AuthSvcCaptcha google', 'AuthSvcCaptcha', 'google', 'recaptcha'],
    ['AuthSvcCaptchaRequire', 'AuthSvcCaptchaRequire'],
    ['AuthSvcCaptchaRequire login', 'AuthSvcCaptchaRequire', 'login',
        'signin, signup and recovery'],
    ['AuthSvcCaptchaRequire off signin', 'AuthSvcCaptchaRequire', 'signin', 'off alone'],
    ['AuthSvcCaptchaRequire signin off', 'AuthSvcCaptchaRequire', '"off"', 'off alone'],
    ['AuthSvcCaptchaRequire recovery signin', 'AuthSvcCaptchaRequire', '"signin recovery"',
        'no AuthSvcCaptcha is in force'],
    [within('VirtualHost 127.0.0.1:${PORT}', "AuthSvcCaptcha off\nAuthSvcCaptchaRequire signup"),
        'AuthSvcCaptchaRequire', '"signup"', 'no AuthSvcCaptcha is in force'],
    ['AuthSvcDemoMode Perhaps', 'AuthSvcDemoMode', 'Perhaps', 'On or Off'],
    (map { my $name = "AuthSvc${_}URL"; map { ["$name $_", $name, $_, '%{token}'] } @bad_links }
        qw(Restore Invitation Confirm)),
    ['AuthSvcMaxBody big', 'AuthSvcMaxBody', 'big'],
    ['AuthSvcMaxBody 0', 'AuthSvcMaxBody', '0'],
    ['AuthSvcIssuer auth', 'AuthSvcIssuer', 'auth'],
    ['AuthSvcIssuer https:///auth', 'AuthSvcIssuer', 'https:///auth'],
    ['AuthSvcDiscloseAccounts Perhaps', 'AuthSvcDiscloseAccounts', 'On'],
    ['AuthSvcAllowOrigin app.example.com', 'AuthSvcAllowOrigin', 'app.example.com'],
    ['AuthSvcAllowOrigin https://app.example.com/path', 'AuthSvcAllowOrigin', '/path'],
    ['AuthSvcSecretFile /nonexistent/secret', '/nonexistent/secret'],
    ['AuthSvcPasswordMinLength -1', 'AuthSvcPasswordMinLength', '-1'],
    ['AuthSvcPasswordMinLength 129', 'AuthSvcPasswordMinLength', '129'],
    ['AuthSvcRemoteUser name', 'AuthSvcRemoteUser', 'name', 'id, email, phone or number'],
    ['AuthSvcThrottle', 'AuthSvcThrottle'],
    ['AuthSvcThrottle signin', 'AuthSvcThrottle', 'signin', 'N/PERIOD'],
    ['AuthSvcThrottle login 10/5m', 'AuthSvcThrottle', 'login', 'signin, send, twofactor, signup'],
    ['AuthSvcThrottle signin 0/5m', 'AuthSvcThrottle', '0/5m', 'N/PERIOD'],
    ['AuthSvcThrottle signin 10', 'AuthSvcThrottle', '"10"', 'N/PERIOD'],
    ['AuthSvcThrottle signin /5m', 'AuthSvcThrottle', '/5m', 'N/PERIOD'],
    ['AuthSvcThrottle signin 10/2d', 'AuthSvcThrottle', '10/2d', '1d'],
    ['AuthSvcThrottle signin 200/1s', 'AuthSvcThrottle', '200/1s', '100 a second'],
    ['AuthSvcThrottle signin on', 'AuthSvcThrottle', 'on', 'N/PERIOD'],
    ['AuthSvcPassHeaders Yes', 'AuthSvcPassHeaders', 'Yes', 'On or Off'],
    ['AuthSvcPassToken 1', 'AuthSvcPassToken', '1', 'On or Off'],
    ['AuthSvcPreflight always', 'AuthSvcPreflight', 'always', 'On or Off'],
    [within('Location "/x"', 'Require authsvc-role'), 'authsvc-role', 'one name or more'],
    [within('Location "/x"', 'Require authsvc-role "two words"'), 'authsvc-role', 'two words'],
    [within('Location "/x"', 'Require authsvc-mfa always'), 'authsvc-mfa', 'no arguments'],
    [within('Location "/x"', 'Require authsvc-verified email'), 'authsvc-verified', 'no arguments'],
    [within('Location "/x"', 'Require authsvc-fresh'), 'authsvc-fresh', 'a duration'],
    [within('Location "/x"', 'Require authsvc-fresh soon'), 'authsvc-fresh', 'a duration'],
    [within('Location "/x"', 'Require authsvc-claim name'), 'authsvc-claim', 'value'],
    ['AuthSvcNonsense On', 'AuthSvcNonsense'],
    [within('Location "/x"', 'AuthSvcAPI trainovo'), 'AuthSvcAPI', 'trainovo', 'bioentrust'],
    [within('Location "/x"', 'AuthSvcAPI trainova nowhere'), 'AuthSvcAPI', 'nowhere'],
    [within('LocationMatch "^/x"', 'AuthSvcAPI trainova'), 'AuthSvcAPI', 'Location'],
    [within('Directory "/x"', 'AuthSvcAPI trainova'), 'AuthSvcAPI', 'Location'],
);

my $dir = "$ENV{AUTHSVC_TEST_STATE}/config";
my ($good, $said) = AuthSvc::Httpd->new(dir => $dir)->check;
ok($good, 'the test configuration itself is good') or diag($said);

sub refused
{
    my ($name, $httpd, @words) = @_;
    my ($fine, $message) = $httpd->check;
    ok(!$fine, "refused: $name");
    my @lacking = grep { index($message, $_) < 0 } @words;
    is("@lacking", '', 'and said why') or diag($message);
    return;
}

for my $row (@bad) {
    my ($line, @words) = @$row;
    my $httpd = AuthSvc::Httpd->new(dir => $dir, extra => "$line\n");
    refused($line =~ s/\n/ /gr, $httpd, @words);
}

my @good = (
    'AuthSvcIdentity fake:corp fake:shop_1',
    "AuthSvcIdentity fake:corp\nAuthSvcIdentity fake:shop",
    within('VirtualHost 127.0.0.1:${PORT}', 'AuthSvcIdentity google'),
    within('VirtualHost 127.0.0.1:${PORT}', 'AuthSvcIdentity fake:google'),
    "AuthSvcCaptcha recaptcha\nAuthSvcCaptchaRequire signin\nAuthSvcCaptchaRequire Recovery",
    "AuthSvcCaptcha recaptcha\nAuthSvcCaptchaRequire signin\n"
        . within('VirtualHost 127.0.0.1:${PORT}', "AuthSvcCaptcha off\nAuthSvcCaptchaRequire off"),
    'AuthSvcCaptcha off',
    'AuthSvcCaptchaRequire off',
    'AuthSvcDemoMode on',
    'AuthSvcRestoreURL "https://app.example.com:8443/a/%{token}/b?x=1#y"',
    'AuthSvcInvitationURL http://127.0.0.1/#/join/%{token}',
    'AuthSvcConfirmURL https://app.example.com?token=%{token}',
);
for my $lines (@good) {
    my ($fine, $message) = AuthSvc::Httpd->new(dir => $dir, extra => "$lines\n")->check;
    ok($fine, 'taken: ' . $lines =~ s/\n/ /gr) or diag($message);
}

for my $directive (qw(AuthSvcDBDParams AuthSvcSecretFile AuthSvcIssuer AuthSvcFileDir)) {
    my $httpd = AuthSvc::Httpd->new(dir => $dir, without => $directive);
    refused("no $directive", $httpd, $directive);
}
done_testing();
