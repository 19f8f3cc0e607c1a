# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# What every guard shares: the tree's top as working directory, and checks that become TAP lines.
# Never looks into build folders. Sourced by the guards beside it.
#
#     check "no tabs" "$(grep -nP '\t' -- "${product[@]}")"     # passes if there is no such line
#     finish

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

tests=0
failed=0

# check NAME COMPLAINTS: one TAP line; passes if there are none.
check() {
    local name=$1 complaints=$2

    tests=$((tests + 1))
    if [ -z "$complaints" ]; then
        echo "ok $tests - $name"
        return
    fi
    failed=$((failed + 1))
    echo "not ok $tests - $name"
    printf '%s\n' "$complaints" | sed 's/^/#   /'
}

finish() {
    echo "1..$tests"
    exit $((failed > 0))
}

# The C files of the folders and files named.
c_files() {
    find "$@" -type f \( -name '*.[ch]' -o -name '*.def' \) 2>/dev/null | LC_ALL=C sort
}

# The project's C, tests aside.
mapfile -t product < <(c_files mod_authsvc.c include src providers)
