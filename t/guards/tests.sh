#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds Makefile.am to the tree: every source is in a list, every unit test, guard and fuzz target is built and run.
# Never runs one. Called by `make check`.
. "$(dirname "${BASH_SOURCE[0]}")/guard.sh"

# Words of Makefile.am with continued lines joined and comments gone.
listed=$(sed 's/#.*//' Makefile.am | tr -s '\134[:blank:]' '\n' | sort -u)
unlisted() { while read -r file; do grep -qxF -- "$file" <<< "$listed" || echo "$file"; done; }

check "every source is in Makefile.am" "$(c_files src include providers mod_authsvc.c t | grep -v '^t/unit/test_' | unlisted)"
check "every file in Makefile.am is there" \
    "$(grep -E '^(src|include|providers|t)/.*\.(c|h|def|sh)$' <<< "$listed" | while read -r file; do
        [ -e "$file" ] || echo "$file"
    done)"
check "every unit test is a program of UNIT_TESTS" "$(find t/unit -name 'test_*.c' | sed 's/\.c$//' | sort | unlisted)"
check "every fuzz target is a program of FUZZERS" "$(find t/fuzz -name 'fuzz_*.c' | sed 's/\.c$//' | sort | unlisted)"
check "every fuzz target has a corpus" \
    "$(find t/fuzz -name 'fuzz_*.c' | sed -E 's|.*/fuzz_(.*)\.c|t/fuzz/corpus/\1|' | while read -r folder; do
        [ -n "$(ls "$folder" 2>/dev/null)" ] || echo "$folder"
    done)"
check "every guard is run" "$(find t/guards -name '*.sh' ! -name guard.sh | sort | unlisted)"

finish
