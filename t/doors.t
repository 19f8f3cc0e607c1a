# SPDX-License-Identifier: Apache-2.0
# With two-factor on, nothing that is known without the second factor opens a guarded page. Every
# operation of every document is called, with everything such a person could put into it, and every
# string that comes back is shown as a token. At the end the same is done with a right code, which
# has to open.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep);

use AuthSvc::Client qw(json fresh_email fresh_phone);
use AuthSvc::Documents;
use AuthSvc::Httpd ();
use AuthSvc::Recording;
use AuthSvc::Totp qw(totp);

my $AC = '/auth-controller/auth';
my $PAGE = '/protected/';
my $client = AuthSvc::Client->new(heard => AuthSvc::Recording::recorder('doors'));
my @mounts = AuthSvc::Documents::fetch($client);
my $requests = 0;

# ---- asking ----

# {status, said}: the decoded reply.
sub ask
{
    my ($method, $path, $bearer, $members) = @_;
    my @headers = defined $bearer ? ['Authorization', "Bearer $bearer"] : ();
    push @headers, ['Content-Type', 'application/json'] if $members;
    my $body = $members ? json->encode($members) : undef;
    my $reply = $client->request($method, $path, \@headers, $body);
    $requests++;
    return { status => $reply->{status}, said => scalar eval { json->decode($reply->{body}) } };
}

# What is said to something that has to go well.
sub must
{
    my $reply = ask(@_);
    die "$_[0] $_[1]: $reply->{status}\n" unless $reply->{status} =~ /^2/;
    return $reply->{said};
}

sub operations
{
    my ($mount) = @_;
    my $paths = $mount->{document}{paths};
    my @all = map {
        my $path = $_;
        map { { %{ $paths->{$path}{$_} }, method => uc, path => $path, base => $mount->{base} } }
            sort keys %{ $paths->{$path} }
    } sort keys %$paths;
    return grep { !$mount->{only} || $_->{path} eq $mount->{only} } @all;
}

# Whether an operation wants an access token, some other token, or none.
sub door
{
    my ($operation) = @_;
    return join '', map { keys %$_ } @{ $operation->{security} };
}

sub url
{
    my ($operation) = @_;
    my ($mount) = grep { $_->{base} eq $operation->{base} } @mounts;
    return $operation->{base} if $mount->{only} || $operation->{path} eq '/';
    return $operation->{base} . $operation->{path};
}

# What an access token opens, without further ado: the page, and a part of each contract.
my @guarded = (
    ['GET', $PAGE],
    map { [$_->{method}, url($_)] }
        grep { door($_) eq 'access' && !$_->{requestBody} && !$_->{parameters} }
        grep { $_->{method} eq 'GET' || $_->{path} eq '/' } map { operations($_) } @mounts,
);

# The guarded places a text opens as a token.
sub opened_by
{
    my ($text) = @_;
    return if $text !~ /^[\x21-\x7e]+$/;
    return map { "$_->[0] $_->[1]" } grep { ask(@$_, $text)->{status} == 200 } @guarded;
}

# Every string in a value.
sub strings
{
    my ($value) = @_;
    return map { strings($_) } values %$value if ref $value eq 'HASH';
    return map { strings($_) } @$value if ref $value eq 'ARRAY';
    return defined $value && !ref $value ? $value : ();
}

my %tried;

# What a reply opens that no reply before has said.
sub opened_by_reply
{
    my ($reply) = @_;
    return map { opened_by($_) } grep { !$tried{$_}++ } strings($reply->{said});
}

# ---- somebody with two-factor on ----

my %ann = (email => fresh_email(), phone => fresh_phone(), password => 'known-pw-1',
    next => 'known-pw-2');
my %next_email = (email => fresh_email());
my %kept; # tokens and the like, by name

sub ctl
{
    my $state = $ENV{AUTHSVC_TEST_STATE};
    open my $pipe, '-|', AuthSvc::Httpd::ctl(), '--params', "$state/authsvc.db", '--secret-file',
        "$state/secret", @_ or die "authsvcctl: $!\n";
    my $said = join '', <$pipe>;
    close $pipe or die "authsvcctl @_ failed\n";
    return (split ' ', $said)[-1];
}

sub person
{
    my ($subject) = @_;
    return json->encode({ sub => $subject, email => $ann{email}, verified => \1 });
}

# An account that has proven its mail: its tokens.
sub sign_up
{
    my ($email, $password) = @_;
    my $tokens = must('POST', "$AC/sign-up", undef, { email => $email, password => $password,
        firstName => 'Ann', lastName => 'Lee' });
    my $link = $client->{mail}->link_token($email);
    must('POST', "$AC/confirm-email", undef, { token => $link });
    return $tokens;
}

# Switches two-factor on: the secret, and the code that was used up.
sub enable
{
    my ($access) = @_;
    my $secret = must('POST', "$AC/two-factor/setup", $access)->{secret};
    my $code = totp($secret);
    must('POST', "$AC/two-factor/enable", $access, { code => $code });
    return ($secret, $code);
}

# Everything that is had before two-factor is on, and ought to be worth nothing, or little, then.
sub make_ann
{
    my ($email, $phone, $password) = @ann{qw(email phone password)};
    $kept{sign_up_id} = must('POST', '/bioentrust/user/signup', undef, { email => $email,
        password => $password, first_name => 'Ann', last_name => 'Lee' })->{otp_request_id};
    $kept{sign_up_code} = $client->code($email);
    my $access = sign_up($email, $password)->{accessToken};
    my $old = must('POST', "$AC/sign-in", undef, { credentials => { email => $email,
        password => $password } });
    @kept{qw(old_access old_refresh)} = @$old{qw(accessToken refreshToken)};
    $kept{phone_id} = must('POST', '/bioentrust/user/send-sms', $access, { app_id => 7,
        phone => $phone })->{otp_request_id};
    must('POST', '/bioentrust/user/verify-sms', undef, { app_id => 7,
        otp_request_id => $kept{phone_id}, otp => $client->code($phone) });
    must('POST', "$AC/google/link", $access, { token => person('ann-' . $email) });
    @kept{qw(app_id app_password)} =
        @{ must('POST', "$AC/app-passwords", $access, { name => 'git' }) }{qw(id password)};
    $kept{session_id} = must('GET', "$AC/sessions", $access)->[0]{id};
    must('POST', "$AC/change-email", $access, { email => $next_email{email} });
    $kept{change} = $client->{mail}->link_token($next_email{email});
    $ann{subject} = "ann-$email";
    @ann{qw(secret used_code)} = enable($access);
    is_deeply([map { $_->[1] } grep { ask(@$_, $access)->{status} != 200 } @guarded], [],
        'the session that switched it on opens all');
    return;
}

# ---- what is known without the second factor; made when it is needed ----

sub pending
{
    return must('POST', "$AC/sign-in", undef, { credentials => {
        email => $ann{email}, password => $ann{password} } });
}

sub google_pending
{
    return must('POST', "$AC/google/sign-in", undef, { token => person($ann{subject}) });
}

# The token of a mailed link of which that route says that it is good.
sub link_of
{
    my ($route, $ask) = @_;
    my $good = sub {
        my ($token) = @_;
        return defined $token
            && ask('POST', "$AC/$route", undef, { token => $token })->{status} == 200;
    };
    my $token = $kept{$route};
    return $token if $good->($token);
    $ask->();
    while (!$good->($token)) {
        $token = $client->{mail}->link_token($ann{email}) // die "$route: no link came\n";
    }
    return $kept{$route} = $token;
}

sub restore_link
{
    return link_of('validate-restore-token',
        sub { must('POST', "$AC/forgot-password", undef, { email => $ann{email} }) });
}

sub invitation
{
    return link_of('validate-invitation-token', sub { ctl('invite', $ann{email}) });
}

# The newest recovery code that comes to an address, past those that were asked for before.
sub recovery_code
{
    my ($address) = @_;
    my $mail = $client->{mail};
    my $last;
    1 while $mail->next_message($address, 0);
    must('POST', '/trainova/auth/forgot-password', undef, { email_or_phone => $address });
    my $patience = 20;
    while (my $message = $mail->next_message($address, $patience)) {
        $last = $1 if $message->{text} =~ /(?<!\d)(\d{6})(?!\d)/;
        $patience = $last ? 0.3 : 20;
    }
    return $last // die "no code came to $address\n";
}

sub wrong_code
{
    my %right = map { totp($ann{secret}, $_) => 1 } -3 .. 3;
    my ($wrong) = grep { !$right{$_} } map { sprintf '%06d', $_ } 1 .. 9;
    return $wrong;
}

# Texts that are, or may be taken for, a token.
my @tokens = (
    \&restore_link, \&invitation,
    sub { pending()->{accessToken} }, sub { pending()->{refreshToken} },
    sub { google_pending()->{accessToken} }, sub { google_pending()->{refreshToken} },
    map { my $name = $_; sub { $kept{$name} } } qw(change old_access old_refresh app_password),
);
my @people = (sub { person($ann{subject}) }, sub { person('another') });
my @codes = (
    sub { recovery_code($_[0]{email_or_phone} // $ann{email}) },
    \&wrong_code, sub { $ann{used_code} }, sub { $kept{sign_up_code} },
);

my @NAMES = qw(first_name last_name firstName lastName name bio);

# By name: what may be put into a member or a parameter. Each gets what else is put in, and the
# operation.
my %VALUES = (
    (map { $_ => [sub { 'Ann' }] } @NAMES),
    email => [sub { $ann{email} }],
    email_or_phone => [sub { $ann{email} }, sub { $ann{phone} }],
    'credentials.email' => [sub { $ann{email} }],
    phone => [sub { $ann{phone} }],
    password => [sub { resets($_[1]) ? $ann{next} : $ann{password} }],
    'credentials.password' => [sub { $ann{password} }],
    confirm => [sub { $ann{password} }],
    newPassword => [sub { $ann{next} }],
    otp => \@codes,
    code => [@codes, \&restore_link],
    otp_request_id => [sub { $kept{sign_up_id} }, sub { $kept{phone_id} }],
    app_id => [sub { 7 }],
    token => [@people, @tokens],
    refresh_token => \@tokens,
    refreshToken => \@tokens,
    teamId => [sub { 'team' }],
    id => [sub { $kept{session_id} }, sub { $kept{app_id} }],
    vendor => [sub { 'google' }, sub { 'facebook' }],
    captchaToken => [undef],
);

sub resets { return $_[0]{path} =~ /reset|restore/ }

# ---- every operation ----

# {name => required} of the members of a schema, those of objects in it with a dot.
sub members
{
    my ($schema, $prefix) = @_;
    my %required = map { $_ => 1 } @{ $schema->{required} };
    my %properties = %{ $schema->{properties} };
    return map {
        $properties{$_}{properties} ? members($properties{$_}, "$_.")
            : (($prefix // '') . $_ => $required{$_})
    } keys %properties;
}

# {name => required} of all that an operation takes.
sub inputs
{
    my ($operation) = @_;
    my $body = $operation->{requestBody};
    my %inputs = map { $_->{name} => 1 } @{ $operation->{parameters} || [] };
    return (%inputs, $body ? members($body->{content}{'application/json'}{schema}) : ());
}

# Each way to fill the inputs, as {name => sub}; those that may be absent are so, too.
sub fillings
{
    my (%inputs) = @_;
    my @fillings = ({});
    for my $name (sort keys %inputs) {
        my @values = @{ $VALUES{$name} // die "nothing is known to put into $name\n" };
        push @values, undef unless $inputs{$name};
        my %seen;
        @values = grep { !$seen{ $_ // '' }++ } @values;
        @fillings = map {
            my $filling = $_;
            map { defined $_ ? { %$filling, $name => $_ } : $filling } @values
        } @fillings;
    }
    return @fillings;
}

sub escaped
{
    return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger;
}

# Codes last: which one is right depends on the address beside it.
sub filled
{
    my ($operation, $filling) = @_;
    my %values;
    $values{$_} = $filling->{$_}->(\%values, $operation)
        for sort { ($a =~ /^(?:code|otp)$/) <=> ($b =~ /^(?:code|otp)$/) } keys %$filling;
    return %values;
}

# (path, members) of values: into the path, the query and the body.
sub placed
{
    my ($operation, %values) = @_;
    my $path = url($operation);
    for my $parameter (@{ $operation->{parameters} || [] }) {
        my ($name, $value) = ($parameter->{name}, escaped(delete $values{ $parameter->{name} }));
        $path = $parameter->{in} eq 'path' ? $path =~ s/\{$name\}/$value/r : "$path?$name=$value";
    }
    my %members;
    for my $name (keys %values) {
        my ($outer, $inner) = split /\./, $name;
        $inner ? $members{$outer}{$inner} = $values{$name} : ($members{$name} = $values{$name});
    }
    return ($path, $operation->{requestBody} ? \%members : undef);
}

my %went_well; # operations, by their address

sub follow
{
    my ($operation, $reply) = @_;
    return unless $reply->{status} =~ /^2/;
    $went_well{"$operation->{method} " . url($operation)}++;
    @ann{qw(password next)} = ($ann{next}, $ann{next} =~ s/(\d+)/$1 + 1/er) if resets($operation)
        && $operation->{path} !~ /validate/;
    if ($operation->{path} eq '/confirm-email') {
        $ann{email} = $next_email{email};
        delete $kept{'validate-invitation-token'}; # it was for the address of before
    }
    return;
}

# One request: what is wrong with its reply.
sub try
{
    my ($operation, $filling, $bearer) = @_;
    my ($path, $members) = placed($operation, filled($operation, $filling));
    my $reply = ask($operation->{method}, $path, $bearer ? $bearer->() : undef, $members);
    my @opens = opened_by_reply($reply);
    my @faults = @opens ? 'a text of the reply opens ' . join ', ', @opens : ();
    follow($operation, $reply);
    push @faults, "it answers $reply->{status}"
        if door($operation) eq 'access' && $reply->{status} =~ /^2/;
    push @faults, "it could not be called: $reply->{status}"
        unless $operation->{responses}{ $reply->{status} } && $reply->{status} < 500;
    return map { "$path: $_" } @faults;
}

sub walk
{
    my ($operation) = @_;
    my $before = $requests;
    my @bearers = (undef, door($operation) ? @tokens : sub { pending()->{accessToken} });
    my @faults = eval {
        my @fillings = fillings(inputs($operation));
        map { my $filling = $_; map { try($operation, $filling, $_) } @bearers } @fillings;
    };
    push @faults, $@ if $@;
    my $name = "$operation->{method} " . url($operation);
    my $count = $requests - $before;
    ok(!@faults && $count, "$name: nothing opens, $count requests");
    my %seen;
    diag($_) for grep { !$seen{$_}++ } @faults;
    return;
}

# ---- with the second factor ----

# How each contract takes a right code: a reply with tokens.
my %SIGN_IN = (
    trainova => sub {
        my ($email, $password, $code) = @_;
        return ask('POST', '/trainova/auth/login', undef,
            { email_or_phone => $email, password => $password, otp => $code });
    },
    bioentrust => sub {
        my ($email, $password, $code) = @_;
        return ask('POST', '/bioentrust/user/signin', undef,
            { email => $email, password => $password, otp => $code });
    },
    'auth-controller' => sub {
        my ($email, $password, $code) = @_;
        my $first = must('POST', "$AC/sign-in", undef,
            { credentials => { email => $email, password => $password } });
        return ask('POST', "$AC/two-factor/verify", $first->{accessToken}, { code => $code });
    },
    'authentication-api' => sub {
        my ($email, $password, $code) = @_;
        return ask('POST', '/authentication-api/auth/login', undef,
            { email => $email, password => $password, otp => $code });
    },
);

# The code of the next step: that of this one was used to switch it on.
sub test_right_code
{
    my ($dialect, $email, $password, $secret) = @_;
    my $reply = $SIGN_IN{$dialect}->($email, $password, totp($secret, 1));
    my %opens = map { $_ => 1 } opened_by_reply($reply);
    is($reply->{status}, 200, "$dialect: a right code signs in");
    is_deeply([grep { !$opens{"$_->[0] $_->[1]"} } @guarded], [], "$dialect: and opens all");
    return;
}

make_ann();
my @known = grep { defined } map { $_->() } @tokens;
is_deeply([map { opened_by($_) } @known], [], 'nothing that is known opens by itself');
walk($_) for map { operations($_) } @mounts;

for my $path (qw(/trainova/auth/reset-password /bioentrust/user/reset-password
    /bioentrust/auth/reset-password /auth-controller/auth/restore-password
    /authentication-api/auth/reset-password /auth-controller/auth/validate-invitation-token
    /auth-controller/auth/{vendor}/sign-in)) {
    ok($went_well{"POST $path"}, "POST $path: it went well with what is known");
}
test_right_code('auth-controller', @ann{qw(email password secret)});
for my $dialect (sort map { $_->{only} ? () : $_->{dialect} } @mounts) {
    my $email = fresh_email();
    my ($secret) = enable(sign_up($email, 'known-pw-1')->{accessToken});
    test_right_code($dialect, $email, 'known-pw-1', $secret);
}
ok($requests > 0, "$requests requests were made");
done_testing();
