# SPDX-License-Identifier: Apache-2.0
#
# Runs one case file of t/cases: sends its requests, compares the replies with what it expects.
# The format is described in t/cases/README.md, nothing here knows a route. Used by t/cases.t.
package AuthSvc::Case;

use strict;
use warnings;

use MIME::Base64 qw(encode_base64);
use Test::More;
use Time::HiRes qw(sleep);

use AuthSvc::Client qw(json fresh_email fresh_phone);
use AuthSvc::Httpd ();
use AuthSvc::Recording ();
use AuthSvc::Totp qw(totp);

# What {{word argument ...}} makes; {{NAME}} is a value that was kept before.
my %MAKE = (
    fresh => sub { $_[1] eq 'phone' ? fresh_phone() : fresh_email($_[2]) },
    repeat => sub { $_[1] x $_[2] },
    space => sub { ' ' x $_[1] },
    digits => sub { $_[0]{ $_[1] } =~ s/\D//gr },
    bytes => sub { my ($kept, @octets) = @_; pack 'H*', join '', @octets },
    not => sub { sprintf '%06d', ($_[0]{ $_[1] } + 1) % 1_000_000 },
    upper => sub { uc $_[0]{ $_[1] } },
    basic => sub { encode_base64(join(':', @{ $_[0] }{ @_[1, 2] }), '') },
);

my $RFC3339_UTC = qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)$/;

# What "<word>" in an expected reply stands for.
my %ACCEPT = (
    any => sub { 1 },
    string => sub { defined $_[0] && !ref $_[0] && json->encode($_[0]) =~ /^"/ },
    integer => sub { defined $_[0] && !ref $_[0] && json->encode($_[0]) =~ /^-?\d+$/ },
    time => sub { defined $_[0] && $_[0] =~ $RFC3339_UTC },
);

# The steps that are one line, by their first words; each gets the case and the rest of the line.
my @STEPS = (
    [qr/^server ([\w-]+)$/, sub { $_[0]{client}{host} = "$_[1].test"; 1 }],
    [qr/^let (\w+) = (.*)$/, sub { $_[0]{kept}{ $_[1] } = $_[2]; 1 }],
    [qr/^wait (\d+)$/, sub { sleep $_[1]; 1 }],
    [qr/^code (\w+) for (\S+)$/, sub { $_[0]{kept}{ $_[1] } = $_[0]{client}{mail}->code($_[2]) }],
    [qr/^link (\w+) for (\S+)$/,
        sub { $_[0]{kept}{ $_[1] } = $_[0]{client}{mail}->link_token($_[2]) }],
    [qr/^totp (\w+) of (\w+)(?: at (-?\d+))?$/, sub { $_[0]{kept}{ $_[1] } = totp($_[2], $_[3]) }],
    [qr/^ctl (?:(\w+) = )?(.*)$/, \&run_ctl],
    [qr/^message for (\S+)$/, sub { $_[0]{client}{mail}->next_message($_[1]) }],
    [qr/^no message for (\S+)$/, sub { !$_[0]{client}{mail}->next_message($_[1], 1.5) }],
    [qr/^account (\S+) (\S+)$/, sub { $_[0]{client}->sign_up($_[1], $_[2]) }],
    [qr/^sign in (\S+) (\S+?)(?: as (\w+))?$/, \&sign_in],
    [qr/^mail for (\S+) says (.+)$/, \&mail_says],
);

sub sign_in
{
    my ($self, $address, $password, $name) = @_;
    my $prefix = $name ? "${name}_" : '';
    my $tokens = $self->{client}->sign_in($address, $password);
    $self->{kept}{ $prefix . uc s/_token//r } = $tokens->{$_} for qw(access_token refresh_token);
    return 1;
}

sub mail_says
{
    my ($self, $address, $words) = @_;
    my $mail = $self->{client}{mail}->next_message($address) or return 0;
    return index("$mail->{header}{subject}\n$mail->{text}", $words) >= 0;
}

# Keeps the last word of what it printed; quotes make one word of several.
sub run_ctl
{
    my ($self, $name, $line) = @_;
    my @words = map { s/^"|"$//gr } $line =~ /("[^"]*"|\S+)/g;
    my $state = $ENV{AUTHSVC_TEST_STATE};
    open my $pipe, '-|', AuthSvc::Httpd::ctl(), '--params', "$state/authsvc.db", '--secret-file',
        "$state/secret", @words or die "authsvcctl: $!\n";
    my $said = join '', <$pipe>;
    close $pipe or return 0;
    $self->{kept}{$name} = (split ' ', $said)[-1] if $name;
    return 1;
}

# (title, blocks): a block is {line, lines}, empty lines part blocks, lines with # are comments.
sub load
{
    my ($file) = @_;
    open my $in, '<:raw', $file or die "$file: $!\n";
    my ($title, @blocks, $open);
    while (my $line = <$in>) {
        chomp $line;
        if ($line =~ /^#\s*(.*)/) {
            $title //= $1;
        } elsif ($line =~ /^\s*$/) {
            $open = undef;
        } else {
            push @blocks, $open = { line => $., lines => [] } unless $open;
            push @{ $open->{lines} }, $line;
        }
    }
    return ($title // $file, @blocks);
}

sub fill
{
    my ($self, $text) = @_;
    my $kept = $self->{kept};
    $text =~ s/\{\{([^{}]+)\}\}/$self->made($1)/ge;
    return $text;
}

sub made
{
    my ($self, $words) = @_;
    my ($word, @arguments) = split / /, $words;
    return $MAKE{$word}->($self->{kept}, @arguments) if $MAKE{$word};
    return $self->{kept}{$words} // die "nothing is kept as $words\n";
}

# {method, path, headers, body, status, checks, template} of a block's lines.
sub parse_request
{
    my (@lines) = @_;
    my ($method, $path) = split / /, shift @lines;
    my (%step, @body, @template) = (method => $method, path => $path, headers => [], checks => []);
    while (@lines && $lines[0] =~ /^([A-Za-z][\w-]*):\s*(.*)$/) {
        push @{ $step{headers} }, [$1, $2];
        shift @lines;
    }
    push @body, shift @lines while @lines && $lines[0] !~ /^=> \d/;
    ($step{status}) = (shift(@lines) // '') =~ /^=> (\d{3})$/
        or die "a request ends with its => status\n";
    while (@lines && $lines[0] =~ /^(contains|[A-Z][\w-]*:)\s*(.*)$/) {
        push @{ $step{checks} }, [$1, $2];
        shift @lines;
    }
    $step{body} = join "\n", @body if @body;
    $step{template} = join "\n", @lines if @lines;
    return \%step;
}

# A body is JSON unless the step says what it is; "Content-Type:" without a value sends none.
sub send_step
{
    my ($self, $step) = @_;
    my @headers = @{ $step->{headers} };
    my $typed = grep { lc $_->[0] eq 'content-type' } @headers;
    unshift @headers, ['Content-Type', 'application/json'] if defined $step->{body} && !$typed;
    @headers = grep { $_->[1] ne '' } @headers;
    return $self->{client}->request($step->{method}, $step->{path}, \@headers, $step->{body});
}

# The first difference between an expected value and the one that came, as text, or undef.
sub difference
{
    my ($self, $want, $got, $where) = @_;
    if (ref $want eq 'HASH') {
        return "$where is no object" unless ref $got eq 'HASH';
        my ($lacks) = grep { !exists $got->{$_} } sort keys %$want;
        my ($extra) = grep { !exists $want->{$_} } sort keys %$got;
        return "$where lacks $lacks" if defined $lacks;
        return "$where has an unexpected $extra" if defined $extra;
        my @pairs = map { [$want->{$_}, $got->{$_}, "$where.$_"] } sort keys %$want;
        return $self->first_difference(@pairs);
    }
    if (ref $want eq 'ARRAY') {
        return "$where is no list of " . @$want unless ref $got eq 'ARRAY' && @$got == @$want;
        my @pairs = map { [$want->[$_], $got->[$_], "${where}[$_]"] } 0 .. $#$want;
        return $self->first_difference(@pairs);
    }
    return $self->matches($want, $got) ? undef : "$where is not " . json->encode($want);
}

sub first_difference
{
    my ($self, @pairs) = @_;
    for my $pair (@pairs) {
        my $found = $self->difference(@$pair);
        return $found if $found;
    }
    return;
}

sub matches
{
    my ($self, $want, $got) = @_;
    if (defined $want && !ref $want && $want =~ /^<(\w+)(?: (.*))?>$/) {
        my ($word, $argument) = ($1, $2);
        return $ACCEPT{$word}->($got) if $ACCEPT{$word};
        return 0 unless $ACCEPT{string}->($got);
        return $got ne $argument if $word eq 'not';
        die "<$word> stands for nothing\n" unless $word eq 'set';
        $self->{kept}{$argument} = $got;
        return 1;
    }
    return json->encode($want) eq json->encode($got);
}

# Every reply with a template is JSON that nobody may store, whatever its status.
sub body_fault
{
    my ($self, $step, $reply) = @_;
    unless (defined $step->{template}) {
        return $step->{status} == 204 && $reply->{body} ne '' ? 'a body with 204' : undef;
    }
    return 'not application/json' unless header($reply, 'content-type') eq 'application/json';
    return 'no Cache-Control: no-store' unless header($reply, 'cache-control') =~ /\bno-store\b/;
    my $got = eval { [json->decode($reply->{body})] } or return 'the body is not JSON';
    my $want = json->decode($self->fill($step->{template}));
    return $self->difference($want, $got->[0], 'the body');
}

sub header
{
    my ($reply, $name) = @_;
    return join ', ', @{ $reply->{headers}{ lc $name } || [] };
}

# "Name: -" wants it absent, "Name: /pattern/" a match, "contains" looks into the body.
sub check_fault
{
    my ($self, $check, $reply) = @_;
    my ($name, $want) = ($check->[0] =~ s/:$//r, $self->fill($check->[1]));
    my $got = $name eq 'contains' ? $reply->{body} : header($reply, $name);
    return "$name: $got" if $name eq 'contains' && index($got, $want) < 0;
    return if $name eq 'contains';
    my $good = $want eq '-' ? $got eq '' : $want =~ m{^/(.*)/$} ? $got =~ /$1/ : $got eq $want;
    return $good ? undef : "$name is \"$got\"";
}

sub fault
{
    my ($self, $step, $reply) = @_;
    return "status is $reply->{status}" if $reply->{status} != $step->{status};
    for my $check (@{ $step->{checks} }) {
        my $found = $self->check_fault($check, $reply);
        return $found if $found;
    }
    return $self->body_fault($step, $reply);
}

sub filled
{
    my ($self, $step) = @_;
    $step->{$_} = $self->fill($step->{$_}) for grep { defined $step->{$_} } qw(method path body);
    $_->[1] = $self->fill($_->[1]) for @{ $step->{headers} };
    return $step;
}

sub run_request
{
    my ($self, $block) = @_;
    my $step = $self->filled(parse_request(@{ $block->{lines} }));
    my $reply = $self->send_step($step);
    my $found = $self->fault($step, $reply);
    my $path = substr $step->{path}, 0, 60;
    my $good = ok(!$found, "line $block->{line}: $step->{method} $path => $step->{status}");
    diag(report($found, $step, $reply)) unless $good;
    return $good;
}

sub report
{
    my ($found, $step, $reply) = @_;
    my $sent = substr $step->{body} // '', 0, 300;
    my $got = substr $reply->{body}, 0, 600;
    return "$found\nsent: $step->{method} $step->{path}\n$sent\ngot: $reply->{status}\n$got";
}

sub run_line
{
    my ($self, $line, $number) = @_;
    my $text = $self->fill($line);
    for my $step (@STEPS) {
        my @arguments = $text =~ $step->[0] or next;
        my $done = eval { $step->[1]->($self, @arguments) };
        return ok($done, "line $number: $line") || (diag($@ || 'it did not happen'), 0)[1];
    }
    die "line $number is no step: $line\n";
}

sub run_block
{
    my ($self, $block) = @_;
    return $self->run_request($block) if grep { /^=> \d/ } @{ $block->{lines} };
    my $number = $block->{line};
    for my $line (@{ $block->{lines} }) {
        return 0 unless $self->run_line($line, $number++);
    }
    return 1;
}

# "for A | B" and its rows: the next block runs once for each row, even after a failure.
sub run_rows
{
    my ($self, $head, $block) = @_;
    my ($first, @rows) = @{ $head->{lines} };
    my @names = split /\s*\|\s*/, $first =~ s/^for\s+//r;
    my $all = 1;
    for my $row (@rows) {
        my @values = split /\s*\|\s*/, $row =~ s/^\s+|\s+$//gr;
        @{ $self->{kept} }{@names} = map { $self->fill($_) } @values;
        note($row);
        $self->run_block($block) or (diag("row: $row"), $all = 0);
    }
    return $all;
}

# Runs a file as one subtest; what follows a failed step is not tried, for it rests on it.
sub run_file
{
    my ($file) = @_;
    my ($title, @blocks) = load($file);
    my $client = AuthSvc::Client->new(heard => AuthSvc::Recording::recorder('cases'));
    my $self = bless { kept => {}, client => $client }, __PACKAGE__;
    (my $name = $file) =~ s{.*cases/|\.case$}{}g;
    subtest "$name: $title" => sub {
        while (my $block = shift @blocks) {
            my $good = $block->{lines}[0] =~ /^for\s/ ? $self->run_rows($block, shift @blocks)
                : $self->run_block($block);
            last unless $good;
        }
        done_testing();
    };
    return;
}

1;
