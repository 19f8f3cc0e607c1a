#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Finds log calls that are handed a secret: an argument whose name says password, code, token, secret or authorization.
# A word inside a string is text, and passes. Never sees what a callee does with its arguments. Called by `make check`.
. "$(dirname "${BASH_SOURCE[0]}")/guard.sh"

secrets='password|passwd|passphrase|otp|code|token|secret|authorization|cookie|seed|private|salt'
harmless='file|path|len|length|count|ttl|id|name|kind|max|min' # secret_file is a path, token_ttl a time

# Exceptions, one a line: a file or folder, a pattern over the argument, and why it may be logged.
exceptions=$(cat <<'TABLE'
src/store/  code                           the database driver's error number
src/        as_code_[a-z]+\([^,;]*\.code\)  a result's name and level, from a table
TABLE
)

# Each log call as "FILE:LINE:CALL", on one line and with its strings emptied.
log_calls() {
    awk '
        /(^|[^a-zA-Z_])(as_log|ap_log_[a-z]*error|log_[a-z_]+|[a-z_>.-]*(->|\.)log)[ ]*\(/ && !call {
            line = FNR
            call = " "
        }
        call { sub(/^[ ]+/, ""); call = call " " $0 }
        call && /[;{}][ ]*(\/\*.*)?$/ {
            gsub(/"([^"\\]|\\.)*"/, "\"\"", call)
            print FILENAME ":" line ":" call
            call = ""
        }
    ' "${product[@]}"
}

# The call without the exceptions of its file.
excepted() {
    local file=$1 call=$2 place word

    while read -r place word _; do
        [[ $file == "$place"* ]] && call=$(sed -E "s/(^|[^a-zA-Z_>.])$word([^a-zA-Z_]|$)/\1\2/g" <<< "$call")
    done <<< "$exceptions"
    printf '%s\n' "$call"
}

handed() {
    log_calls | while IFS=: read -r file line call; do
        excepted "$file" "$call" | sed -E "s/($secrets)s?_($harmless)\b//gI" |
            grep -qiE "(^|[^a-z])([a-z_]*_|[a-z_]*(->|\.))?($secrets)s?([^a-z]|$)" &&
            echo "$file:$line:$call"
    done
}

check "there are log calls to look at" "$([ -n "$(log_calls)" ] || echo "none was found: the pattern is stale")"
check "no log call is handed a secret" "$(handed)"

finish
