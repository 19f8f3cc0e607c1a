#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds authsvcctl's man page and completion to its rows: each command with its arguments, and no other.
# Never runs the program. Called by `make check`.
. "$(dirname "${BASH_SOURCE[0]}")/guard.sh"

manual=docs/authsvcctl.1
completion=conf/completion/authsvcctl

# A row opens with its words and arguments: { "account", "list", "[--limit N] [--after ID]", …
of_code() {
    sed -nE 's/^ *\{ "([a-z]+)", "([a-z-]*)", "([^"]*)",.*/\1 \2 \3/p' src/ctl/authsvcctl.c | tr -s ' ' | sed 's/ $//' |
        LC_ALL=C sort
}

# In the manual a command is a bold line of its section, with hyphens escaped.
of_manual() {
    sed -n '/^\.SH COMMANDS/,/^\.SH NOTES/s/^\.B //p' "$manual" | sed 's/\\-/-/g' | LC_ALL=C sort
}

# The completion knows words and flags alone.
flags_of_code() {
    of_code | while read -r -a words; do
        row=${words[0]}
        [[ ${words[1]-} != [a-z]* ]] || row+=" ${words[1]}"
        while read -r flag; do
            row+=" $flag"
        done < <(grep -oE -e '--[a-z-]+' <<< "${words[*]}")
        echo "$row"
    done | LC_ALL=C sort
}

of_completion() {
    sed -n "/^_authsvcctl_rows='/,/^'/p" "$completion" | grep -E '^[a-z]' | LC_ALL=C sort
}

check "there are commands in the code" "$([ -n "$(of_code)" ] || echo "no row was found in src/ctl/authsvcctl.c")"
check "$manual has each command, and no other" "$(diff <(of_code) <(of_manual))"
check "$completion has each command, and no other" "$(diff <(flags_of_code) <(of_completion))"
check "the completion is sound bash" "$(bash -n "$completion" 2>&1)"

finish
