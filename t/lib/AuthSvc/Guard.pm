# SPDX-License-Identifier: Apache-2.0
#
# A running server with the virtual hosts of t/conf/guard.conf, a team, and accounts with roles.
# Used by t/guard-*.t.
package AuthSvc::Guard;

use strict;
use warnings;

use AuthSvc::Client qw(fresh_email);
use AuthSvc::Httpd;

our $PASSWORD = 'secret-1';

# Keys: name (of the state folder), and perhaps extra (more configuration).
sub new
{
    my ($class, %args) = @_;
    my $dir = "$ENV{AUTHSVC_TEST_STATE}/$args{name}";
    my $self = bless { dir => $dir, db => "$dir/state/authsvc.db" }, $class;
    AuthSvc::Httpd::make_state("$dir/state");
    mkdir "$dir/state/dav";
    ($self->{team}) = $self->ctl('team', 'create', 'Night shift') =~ /(\w+)\n?\z/;
    $self->{httpd} = AuthSvc::Httpd->new(dir => $dir, extra => qq(Define TEAM "$self->{team}"\n)
        . qq(Include "\${CONF}/guard.conf"\n) . ($args{extra} // ''));
    $self->{httpd}->start;
    $self->{api} = $self->{httpd}->client;
    $self->{site} = $self->{httpd}->client('guard.test');
    return $self;
}

# What authsvcctl printed.
sub ctl
{
    my ($self, @words) = @_;
    my $ctl = AuthSvc::Httpd::ctl();
    open my $out, '-|', $ctl, '--params', $self->{db}, @words or die "$ctl: $!\n";
    my $said = join '', <$out>;
    close $out or die "failed: @words\n";
    return $said;
}

# A new account with these roles; its address.
sub account
{
    my ($self, @roles) = @_;
    my $address = $self->{api}->sign_up(fresh_email(), $PASSWORD);
    $self->ctl('role', 'add', $address, $_) for @roles;
    return $address;
}

# A new access token of that account.
sub token
{
    my ($self, $address) = @_;
    return $self->{api}->sign_in($address, $PASSWORD)->{access_token};
}

1;
