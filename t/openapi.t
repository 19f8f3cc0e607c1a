# SPDX-License-Identifier: Apache-2.0
# The OpenAPI documents: how they are served, and what t/openapi/check.mjs finds, which holds them
# to the standard and what other tests have recorded to them. Without a recording, the first alone.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use AuthSvc::Client qw(json);
use AuthSvc::Documents;
use AuthSvc::Recording;

my $folder = "$FindBin::Bin/openapi";

sub header
{
    my ($reply, $name) = @_;
    return join ', ', @{ $reply->{headers}{$name} || [] };
}

sub test_serving
{
    my ($client, $base) = @_;
    my $path = "$base/openapi.json";
    my $got = $client->get($path);
    my $head = $client->request('HEAD', $path);
    is($got->{status}, 200, "$base: there is a document");
    is(header($got, 'content-type'), 'application/json', "$base: it is JSON");
    like(header($got, 'cache-control'), qr/\bno-store\b/, "$base: nobody may store it");
    is(json->decode($got->{body})->{servers}[0]{url}, $base, "$base: it names its mount");
    is($head->{status}, 200, "$base: HEAD of it");
    is($head->{body}, '', "$base: HEAD has no body");
    is(header($head, $_), header($got, $_), "$base: HEAD has the $_ of GET")
        for qw(content-type cache-control content-length);
    my $post = $client->request('POST', $path);
    is($post->{status}, 405, "$base: it is nothing to post to");
    is(header($post, 'allow'), 'GET, HEAD, OPTIONS', "$base: but to get");
    is($client->request('OPTIONS', $path)->{status}, 204, "$base: OPTIONS of it");
    return;
}

sub test_single
{
    my ($client, $base) = @_;
    my $reply = $client->get("$base/openapi.json");
    is($reply->{status}, 404, "$base: a single route has no document");
    is(header($reply, 'content-type'), 'application/json', "$base: that is told in JSON");
    is($client->request('HEAD', "$base/openapi.json")->{status}, 404, "$base: nor has HEAD");
    return;
}

# The documents of every host that was recorded: policies may change them.
sub write_documents
{
    my ($file) = @_;
    my %hosts = map { $_->{host} => 1 } AuthSvc::Recording::read_all(), { host => 'main.test' };
    my %documents = map {
        ($_ => [AuthSvc::Documents::fetch(AuthSvc::Client->new(host => $_))])
    } keys %hosts;
    open my $out, '>', $file or die "$file: $!\n";
    print $out json->encode(\%documents);
    close $out or die "$file: $!\n";
    return;
}

# Its TAP becomes ours.
sub run_check
{
    my @files = @_;
    open my $pipe, '-|', 'node', "$folder/check.mjs", @files
        or return fail("node runs the check: $!");
    my $count = 0;
    while (my $line = <$pipe>) {
        if ($line =~ /^(not )?ok \d+ - (.*)/) {
            ok(!$1, $2);
            $count++;
        } elsif ($line =~ /^#(.*)/) {
            diag($1);
        }
    }
    ok(close $pipe, "the check came to its end, after $count tests");
    return;
}

my $client = AuthSvc::Client->new;
for my $mount (AuthSvc::Documents::mounts()) {
    $mount->{only} ? test_single($client, $mount->{base}) : test_serving($client, $mount->{base});
}

my $recording = AuthSvc::Recording::file();
my $documents = "$ENV{AUTHSVC_TEST_STATE}/documents.json";
if (!-d "$folder/node_modules/ajv") {
    fail('the validators are there (scripts/test gets them by npm, as "npm ci" in t/openapi does)');
} else {
    write_documents($documents);
    run_check($documents, -e $recording ? $recording : ());
}
done_testing();
