# SPDX-License-Identifier: Apache-2.0
#
# Reads what mod_authsvc_file wrote, mails (*.eml) and text messages (*.json), each message once.
# Never deletes a file. Used by AuthSvc::Client and t/outbox.t.
package AuthSvc::Outbox;

use strict;
use warnings;

use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use MIME::QuotedPrint qw(decode_qp);
use Time::HiRes qw(sleep time);

my $PATIENCE = 20;

my %DECODE = (base64 => \&decode_base64, 'quoted-printable' => \&decode_qp);

sub new
{
    my ($class, $dir) = @_;
    return bless { dir => $dir, parsed => {}, seen => {} }, $class;
}

sub slurp
{
    my ($file) = @_;
    open my $in, '<:raw', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

# (header by name in lower case, body) of a message or of one of its parts, folded lines joined.
sub entity
{
    my ($text) = @_;
    my ($head, $body) = split /\r\n\r\n/, $text, 2;
    $head =~ s/\r\n[ \t]+/ /g;
    my %header = map { /^([^:\s]+):\s*(.*)$/ ? (lc $1 => $2) : () } split /\r\n/, $head;
    return (\%header, $body // '');
}

# {header, to, text, html}: the parts decoded to bytes, line ends as \n.
sub parse_mail
{
    my ($bytes) = @_;
    my ($header, $body) = entity($bytes);
    my ($boundary) = ($header->{'content-type'} // '') =~ /boundary="?([^";]+)"?/;
    my @parts = ('', $bytes);
    @parts = split /\r\n--\Q$boundary\E(?:--)?[ \t]*(?:\r\n|$)/, "\r\n$body" if $boundary;
    shift @parts;
    my $to = lc(($header->{to} // '') =~ s/.*<|>.*//gr);
    my %mail = (header => $header, to => $to, bytes => $bytes);
    for my $part (@parts) {
        my ($part_header, $content) = entity($part);
        my ($kind) = ($part_header->{'content-type'} // '') =~ m{^text/(plain|html)} or next;
        my $coding = lc($part_header->{'content-transfer-encoding'} // '');
        $content = $DECODE{$coding}->($content) if $DECODE{$coding};
        $mail{ $kind eq 'plain' ? 'text' : 'html' } = $content =~ s/\r\n/\n/gr;
    }
    return \%mail;
}

sub parse_text_message
{
    my ($bytes) = @_;
    my $message = JSON::PP->new->utf8->decode($bytes);
    return { %$message, members => [sort keys %$message] };
}

my %PARSE = (eml => \&parse_mail, json => \&parse_text_message);

sub read_message
{
    my ($dir, $name) = @_;
    my ($kind) = $name =~ /\.(\w+)$/;
    my $message = $PARSE{$kind}->(slurp("$dir/$name"));
    return { %$message, name => $name, time => (Time::HiRes::stat("$dir/$name"))[9] };
}

# The files to a recipient that were not handed out yet, oldest first.
sub unseen
{
    my ($self, $address) = @_;
    opendir my $dir, $self->{dir} or return;
    my @names = grep { /^[^.].*\.(?:eml|json)$/ && !$self->{seen}{$_} } readdir $dir;
    $self->{parsed}{$_} //= read_message($self->{dir}, $_) for @names;
    return sort { $a->{time} <=> $b->{time} }
        grep { $_->{to} eq lc $address } map { $self->{parsed}{$_} } @names;
}

# The next message to a recipient, waited for; undef if none came.
sub next_message
{
    my ($self, $address, $patience) = @_;
    my $end = time + ($patience // $PATIENCE);
    while (1) {
        my ($message) = $self->unseen($address);
        if ($message) {
            $self->{seen}{ $message->{name} } = 1;
            return $message;
        }
        return if time >= $end;
        sleep 0.05;
    }
}

# The token in the link of the next message that has one.
sub link_token
{
    my ($self, $address) = @_;
    while (my $message = $self->next_message($address)) {
        return $1 if $message->{text} =~ m{^https?://\S+[?&]token=([\w-]{64})$}m;
    }
    return;
}

# The six digits of the next message that has some; a notice without any is passed over.
sub code
{
    my ($self, $address) = @_;
    while (my $message = $self->next_message($address)) {
        return $1 if $message->{text} =~ /(?<!\d)(\d{6})(?!\d)/;
    }
    return;
}

1;
