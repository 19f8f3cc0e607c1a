#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs each fuzz program over its corpus, t/fuzz/corpus/NAME/ for t/fuzz/fuzz_NAME; one TAP line a program.
# Never fuzzes: that is `t/fuzz/fuzz_NAME -max_total_time=60 CORPUS` of a tree configured --enable-fuzz.
# Called by `make check`, which names the programs in FUZZERS.
set -u

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
read -ra programs <<< "${FUZZERS:?names the fuzz programs}"

echo "1..${#programs[@]}"
for i in "${!programs[@]}"; do
    program=${programs[i]}
    corpus=$top/t/fuzz/corpus/${program##*/fuzz_}
    if said=$("./$program" "$corpus"/* 2>&1); then
        echo "ok $((i + 1)) - $program over $(find "$corpus" -type f | wc -l) files"
    else
        echo "not ok $((i + 1)) - $program"
        printf '%s\n' "$said" | tail -n 40 | sed 's/^/# /'
    fi
done
