# SPDX-License-Identifier: Apache-2.0
#
# An httpd of a test's own: the LoadModule lines, fresh state (secret, database, outbox), and a
# server that can be started, stopped and killed. Never reads the system's configuration.
# Used by t/TEST, those t/*.t that kill or break things, and scripts/storm.
package AuthSvc::Httpd;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET ();
use POSIX ();
use Time::HiRes qw(sleep time);

use AuthSvc::Client ();

my $top = abs_path(dirname(__FILE__) . '/../../..');

# httpd's own modules that t/conf/server.conf uses, in the order they are loaded.
my @MODULES = qw(authn_core authz_core authz_user authz_host alias dir mime env setenvif headers
    rewrite include proxy proxy_http remoteip reqtimeout auth_basic auth_form authn_file
    cgi dav dav_fs macro negotiation request session session_cookie);

sub top { return $top }

sub apxs
{
    my ($name) = @_;
    my $apxs = $ENV{APXS} || 'apxs';
    chomp(my $value = `$apxs -q $name`);
    return $value;
}

sub binary
{
    return apxs('SBINDIR') . '/' . apxs('PROGNAME');
}

sub libs
{
    return $ENV{AUTHSVC_LIBS} ? abs_path($ENV{AUTHSVC_LIBS}) : "$top/.libs";
}

sub ctl
{
    return $ENV{AUTHSVCCTL} || "$top/authsvcctl";
}

sub module_path
{
    my ($name) = @_;
    my $path = libs() . "/$name.so";
    die "$path is not there: build first\n" unless -e $path;
    return $path;
}

# The LoadModule lines, without those modules that are part of the httpd binary.
sub load_modules
{
    my $dir = apxs('LIBEXECDIR');
    my $binary = binary();
    my %static = map { /^\s+mod_(\w+)\.c$/ ? ($1 => 1) : () } `$binary -l`;
    my $mpm = 'mpm_' . ($ENV{AUTHSVC_MPM} || 'event');
    my @lines = map { qq(LoadModule ${_}_module "$dir/mod_$_.so"\n) }
        grep { !$static{$_} } $mpm, @MODULES;
    return join '', @lines;
}

sub load_authsvc
{
    return join '', map { sprintf qq(LoadModule %s_module "%s"\n), $_, module_path("mod_$_") }
        qw(authsvc authsvc_file);
}

# The vendors of the tests, which are built beside the tests and installed nowhere.
sub fake_path
{
    my $path = "$top/.libs/mod_authsvc_fake.so";
    die "$path is not there: build first\n" unless -e $path;
    return $path;
}

sub load_fake
{
    return sprintf qq(LoadModule authsvc_fake_module "%s"\n), fake_path();
}

sub ctl_ok
{
    my @command = (ctl(), @_);
    system(@command) == 0 or die "failed: @command\n";
    return;
}

# A state folder as server.conf wants it: secret and database of the main service and of "apart".
sub make_state
{
    my ($dir) = @_;
    remove_tree($dir);
    make_path("$dir/outbox");
    for my $service ('', 'apart-') {
        ctl_ok('secret', 'create', "$dir/${service}secret");
        ctl_ok('--driver', 'sqlite3', '--params', "$dir/${service}authsvc.db", 'db', 'migrate');
    }
    return;
}

sub free_port
{
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "no port: $@\n";
    return $socket->sockport;
}

sub server_conf
{
    my ($without) = @_;
    open my $in, '<', "$top/t/conf/server.conf" or die "server.conf: $!\n";
    return join '', grep { !$without || !/^\s*$without\b/ } <$in>;
}

# The whole configuration as text.
sub config
{
    my (%self) = @_;
    my %define = (PORT => $self{port}, STATE => $self{state}, LOGS => "$self{dir}/logs",
        CONF => "$top/t/conf", HTDOCS => "$top/t/htdocs");
    return join '', load_modules(), load_authsvc(), load_fake(),
        (map { qq(Define $_ "$define{$_}"\n) } sort keys %define),
        server_conf($self{without}), $self{extra} // '';
}

# A server in a folder of its own; start() runs it. Keys: dir, and perhaps state (another server's, to
# be a second node), extra (lines at the end of its configuration), without (a directive whose
# lines are left out) and under (the words of a command that runs it, then as one process).
sub new
{
    my ($class, %args) = @_;
    my $self = bless { owner => $$, %args }, $class;
    $self->{port} ||= free_port();
    make_path("$self->{dir}/logs");
    $self->{state} ||= "$self->{dir}/state";
    make_state($self->{state}) unless -d $self->{state};
    open my $out, '>', "$self->{dir}/httpd.conf" or die "$self->{dir}/httpd.conf: $!\n";
    print $out config(%$self);
    close $out or die "httpd.conf: $!\n";
    return $self;
}

# Checks the configuration as `httpd -t` does: (true if it is good, what httpd printed).
sub check
{
    my ($self) = @_;
    my $binary = binary();
    my $output = `$binary -t -f $self->{dir}/httpd.conf 2>&1`;
    return ($? == 0, $output);
}

# In the foreground of a process group of its own, so that one signal reaches parent and children.
sub start
{
    my ($self) = @_;
    die "httpd wants an ordinary user, not root\n" if $> == 0;
    my $pid = fork // die "fork: $!\n";
    if ($pid == 0) {
        POSIX::setpgid(0, 0);
        open STDOUT, '>>', "$self->{dir}/logs/start_log";
        open STDERR, '>&', \*STDOUT;
        exec @{ $self->{under} || [] }, binary(), $self->{under} ? '-X' : '-DFOREGROUND',
            '-f', "$self->{dir}/httpd.conf" or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    return $self->wait_up;
}

# A client of this server.
sub client
{
    my ($self, $host) = @_;
    return AuthSvc::Client->new(port => $self->{port}, outbox => "$self->{state}/outbox",
        host => $host || 'main.test');
}

sub answers
{
    my ($self) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}", Timeout => 1)
        or return 0;
    print $socket "GET / HTTP/1.0\r\nHost: main.test\r\n\r\n";
    local $SIG{ALRM} = sub { die "late\n" };
    my $line = eval { alarm 2; my $got = <$socket>; alarm 0; $got };
    alarm 0;
    return defined $line && $line =~ m{^HTTP/1\.[01] 200};
}

sub wait_up
{
    my ($self) = @_;
    my $end = time + 30;
    while (time < $end) {
        return $self if $self->answers;
        my $ended = waitpid($self->{pid}, POSIX::WNOHANG()) > 0;
        die "httpd ended at its start, see $self->{dir}/logs\n" if $ended;
        sleep 0.05;
    }
    die "httpd does not answer, see $self->{dir}/logs\n";
}

# The worker processes: those whose parent is this server.
sub children
{
    my ($self) = @_;
    return split ' ', `ps -o pid= --ppid $self->{pid}`;
}

sub kill_child
{
    my ($self) = @_;
    my @children = $self->children;
    kill 'KILL', $children[rand @children] if @children;
    return;
}

sub kill_all
{
    my ($self) = @_;
    kill 'KILL', -$self->{pid};
    waitpid $self->{pid}, 0;
    unlink "$self->{dir}/logs/httpd.pid";
    return;
}

sub stop
{
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

sub DESTROY
{
    my ($self) = @_;
    local $?;
    $self->stop if $self->{pid} && $self->{owner} == $$;
    return;
}

1;
