# SPDX-License-Identifier: Apache-2.0
# git over WebDAV through AuthBasicProvider authsvc: a push and clones are hundreds of requests, and
# hardly any of them runs Argon2.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Guard;

plan skip_all => 'git with http-push is not installed'
    unless -x (`git --exec-path 2>/dev/null` =~ s/\n//r) . '/git-http-push';

my $guard = AuthSvc::Guard->new(name => 'guard-git', extra => "LogLevel authsvc:debug\n");
my $dir = $guard->{dir};
my $address = $guard->account;
my $user = $address =~ s/@/%40/r;
my $url = "http://$user:$AuthSvc::Guard::PASSWORD\@127.0.0.1:$guard->{httpd}{port}/dav/site.git";
my $git = 'git -c http.extraHeader="Host: guard.test" -c user.name=Ann'
    . ' -c user.email=ann@example.com -c protocol.version=0 -c init.defaultBranch=main';

sub run
{
    my ($name, $command) = @_;
    my $said = `cd $dir && GIT_TERMINAL_PROMPT=0 HOME=$dir $command 2>&1`;
    return is($?, 0, $name) || diag($said);
}

sub lines
{
    my ($log, $pattern) = @_;
    open my $in, '<', "$dir/logs/$log" or die "$log: $!\n";
    return scalar grep { /$pattern/ } <$in>;
}

run('a bare repository', "$git init -q --bare state/dav/site.git"
    . ' && git -C state/dav/site.git update-server-info');
run('commits', "$git init -q work && cd work && for n in \$(seq 40); do"
    . " echo \$n > file\$n && $git add . && $git commit -q -m \$n; done");
run('push', "cd work && $git push -q $url main");
run('clone', "$git clone -q $url clone1 && $git clone -q $url clone2");
ok(-e "$dir/clone2/file40", 'the clone has what was pushed');
isnt(system("cd $dir && GIT_TERMINAL_PROMPT=0 $git clone -q " . ($url =~ s/secret-1/wrong/r)
    . ' clone3 > /dev/null 2>&1'), 0, 'but not with a wrong password');

my $requests = lines('access_log', '/dav/site\.git.* (200|201|204|207|404) ');
my $hashes = lines('error_log', 'a password was hashed: ok');
cmp_ok($requests, '>', 100, "$requests requests");
cmp_ok($hashes, '<=', 5, "of which $hashes ran Argon2");
done_testing();
