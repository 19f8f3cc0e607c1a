# SPDX-License-Identifier: Apache-2.0
#
# An HTTP/1.1 client that sends exactly the bytes it is told to, with short cuts for sign-up, -in.
# Never follows, retries or corrects anything. Used by the cases, the t/*.t files and scripts/storm.
package AuthSvc::Client;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select ();
use IO::Socket::INET ();
use JSON::PP ();
use Time::HiRes qw(time);

use AuthSvc::Outbox ();

our @EXPORT_OK = qw(json fresh_email fresh_phone);

my $TIMEOUT = 30;
my $serial = 0;
my $codec = JSON::PP->new->utf8->canonical->allow_nonref;

sub json { return $codec }

# Unique in this run and in others on the same state.
sub fresh_number
{
    return sprintf '%05d%06d%03d', $$ % 100000, time % 1000000, ++$serial % 1000;
}

# Of length octets where that is given: a full local part, then labels up to the length.
sub fresh_email
{
    my ($length) = @_;
    my $name = 'u' . fresh_number();
    return "$name\@example.com" unless $length;
    my $local = $name . 'x' x (64 - length $name);
    my $rest = $length - length("$local\@.com");
    my $domain = '';
    while ($rest > 63) {
        $domain .= 'd' x 62 . '.';
        $rest -= 63;
    }
    return "$local\@$domain" . 'd' x $rest . '.com';
}

sub fresh_phone
{
    return '+1' . substr fresh_number(), 1;
}

# Keys: port, host (the virtual host), outbox (folder); the harness names them in the environment.
# heard, if given, is called with each exchange: client, method, path, body sent, reply.
sub new
{
    my ($class, %args) = @_;
    my $self = bless {
        port => $ENV{AUTHSVC_TEST_PORT},
        outbox => ($ENV{AUTHSVC_TEST_STATE} // '') . '/outbox',
        host => 'main.test',
        mount => '/trainova/auth',
        %args,
    }, $class;
    die "no server: run me by t/TEST\n" unless $self->{port};
    $self->{mail} = AuthSvc::Outbox->new($self->{outbox});
    return $self;
}

sub connect_to
{
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}", Timeout => $TIMEOUT);
}

# Writes what it can: the server may close before it has read everything.
sub write_all
{
    my ($socket, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $sent = 0;
    while ($sent < length $bytes) {
        my $count = syswrite $socket, $bytes, 65536, $sent;
        last unless defined $count;
        $sent += $count;
    }
    return $sent;
}

# Everything until the server closes, or until nothing has come for timeout seconds.
sub read_all
{
    my ($socket, $timeout) = @_;
    my $select = IO::Select->new($socket);
    my $bytes = '';
    while ($select->can_read($timeout || $TIMEOUT)) {
        my $count = sysread $socket, $bytes, 65536, length $bytes;
        last unless $count;
    }
    return $bytes;
}

# The reply to raw bytes, as bytes; undef if there was no connection.
sub raw
{
    my ($self, $bytes, $timeout) = @_;
    my $socket = $self->connect_to or return;
    write_all($socket, $bytes);
    return read_all($socket, $timeout);
}

sub unchunk
{
    my ($body) = @_;
    my $plain = '';
    while ($body =~ s/^([0-9a-fA-F]+)[^\r\n]*\r\n//) {
        my $size = hex $1 or last;
        $plain .= substr $body, 0, $size;
        $body = length $body > $size + 2 ? substr $body, $size + 2 : '';
    }
    return $plain;
}

# {status, headers => {name in lower case => [values]}, body}; status 0 if no reply came.
sub parse
{
    my ($bytes) = @_;
    my ($head, $body) = split /\r\n\r\n/, $bytes // '', 2;
    my ($status, @lines) = split /\r\n/, $head // '';
    my %headers;
    for my $line (@lines) {
        my ($name, $value) = split /:\s*/, $line, 2;
        push @{ $headers{ lc $name } }, $value;
    }
    $body = unchunk($body) if ($headers{'transfer-encoding'} || [''])->[0] eq 'chunked';
    return {
        status => ($status // '') =~ m{^HTTP/1\.[01] (\d{3})} ? $1 : 0,
        headers => \%headers,
        body => $body // '',
    };
}

sub chunked
{
    my ($body) = @_;
    my @chunks = map { sprintf "%x\r\n%s\r\n", length, $_ } $body =~ /(.{1,8192})/gs;
    return join '', @chunks, "0\r\n\r\n";
}

# headers: [[name, value], ...]. Length or chunks are added, nothing else.
sub request
{
    my ($self, $method, $path, $headers, $body) = @_;
    my @lines = map { "$_->[0]: $_->[1]" } @{ $headers || [] };
    my $chunks = grep { /^Transfer-Encoding: chunked$/i } @lines;
    push @lines, 'Content-Length: ' . length $body if defined $body && !$chunks;
    unshift @lines, "$method $path HTTP/1.1", "Host: $self->{host}", 'Connection: close';
    my $bytes = join "\r\n", @lines, '', '';
    $bytes .= $chunks ? chunked($body) : $body if defined $body;
    my $reply = parse($self->raw($bytes));
    $self->{heard}->($self, $method, $path, $body, $reply) if $self->{heard};
    return $reply;
}

# JSON in, (status, decoded reply) out; a path without a slash is trainova's.
sub post
{
    my ($self, $route, $members) = @_;
    my $reply = $self->request('POST', $self->path($route), [['Content-Type', 'application/json']],
        $codec->encode($members));
    return ($reply->{status}, eval { $codec->decode($reply->{body}) });
}

sub get
{
    my ($self, $route, $token) = @_;
    my @headers = $token ? ['Authorization', "Bearer $token"] : ();
    return $self->request('GET', $self->path($route), \@headers);
}

sub path
{
    my ($self, $route) = @_;
    return $route =~ m{^/} ? $route : "$self->{mount}/$route";
}

sub code
{
    my ($self, $address) = @_;
    return $self->{mail}->code($address) // die "no code came to $address\n";
}

# An active account, by register, code and verify.
sub sign_up
{
    my ($self, $address, $password) = @_;
    my %name = (email_or_phone => $address);
    my ($status) = $self->post(register => { %name, password => $password });
    die "register: $status\n" unless $status == 200;
    ($status) = $self->post(verify => { %name, code => $self->code($address) });
    die "verify: $status\n" unless $status == 200;
    return $address;
}

# {access_token, refresh_token, token_type}.
sub sign_in
{
    my ($self, $address, $password) = @_;
    my %members = (email_or_phone => $address, password => $password);
    my ($status, $tokens) = $self->post(login => \%members);
    die "login: $status\n" unless $status == 200;
    return $tokens;
}

1;
