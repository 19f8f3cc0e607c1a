#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds the #include lines to the floors of docs/architecture.md: arrows run one way, and each foreign library has one place.
# Never follows an include: what a header drags in is that header's own arrow. Called by `make check`.
. "$(dirname "${BASH_SOURCE[0]}")/guard.sh"

# Floor (a path's prefix), then the floors whose headers it may name beside its own; "authsvc.h" is the public header.
floors=$(cat <<'TABLE'
mod_authsvc.c   server
src/server/     api ops crypto store shm base authsvc.h
src/api/        ops base
src/ops/        crypto store shm base authsvc.h
src/crypto/     base
src/store/      base
src/shm/        base
src/base/       authsvc.h
src/ctl/        ops store crypto base
providers/      authsvc.h
examples/       authsvc.h
t/modules/      authsvc.h
include/
TABLE
)

# Header (a pattern over the name in <>), then the only files or folders that may include it.
libraries=$(cat <<'TABLE'
jansson\.h              src/base/json.c
argon2\.h               src/crypto/argon2id.c
openssl/.*              src/crypto/ src/base/bytes.c
curl/.*                 src/base/fetch.c
apr_dbd\.h              src/store/
(httpd|scoreboard|mpm_common|ap_.*|http_.*|util_.*|mod_.*)\.h   src/server/ mod_authsvc.c providers/
TABLE
)

# Lines "FILE NAME" of each #include with quotes, or with angle brackets.
quoted() { sed -nE "s|^[[:space:]]*#[[:space:]]*include[[:space:]]*\"([^\"]+)\".*|$1 \1|p" "$1"; }
angled() { sed -nE "s|^[[:space:]]*#[[:space:]]*include[[:space:]]*<([^>]+)>.*|$1 \1|p" "$1"; }

# Every quoted include names a floor's header by its path below src/, and an arrow of the table allows it.
arrows() {
    local prefix=$1 allowed=" $2 " own file name floor

    own=${prefix#src/}
    own=${own%/}
    while read -r file name; do
        floor=${name%%/*}
        case $allowed in
        *" $floor "*) continue ;;
        esac
        [ "$floor" = "$own" ] || echo "$file includes \"$name\""
    done < <(for file in $(c_files "$prefix"); do quoted "$file"; done)
}

while read -r prefix allowed; do
    check "$prefix includes only: ${allowed:-nothing of the project}" "$(arrows "$prefix" "$allowed")"
done <<< "$floors"

strangers() {
    local pattern=$1 places=$2 file name place

    while read -r file name; do
        [[ $name =~ ^($pattern)$ ]] || continue
        for place in $places; do
            [[ $file == "$place"* ]] && continue 2
        done
        echo "$file includes <$name>"
    done < <(for file in "${product[@]}"; do angled "$file"; done)
}

while read -r pattern places; do
    check "<$pattern> only in $places" "$(strangers "$pattern" "$places")"
done <<< "$libraries"

# Forward declarations could carry a request or the database's handle past the table.
check "request_rec only in src/server/ and mod_authsvc.c" \
    "$(c_files src | grep -v '^src/server/' | xargs -r grep -nE '\b(request_rec|ap_[a-z_]+)\b[ (*]')"
check "apr_dbd_ only in src/store/" \
    "$(printf '%s\n' "${product[@]}" | grep -v '^src/store/' | xargs -r grep -n 'apr_dbd_')"
check "json_t only in src/base/json.c" \
    "$(printf '%s\n' "${product[@]}" | grep -v '^src/base/json.c' | xargs -r grep -nE '\bjson_(t|loadb|object_[a-z]+)\b')"

# A cycle of headers inside a floor would hide from the table.
cycles() {
    for file in $(c_files src); do
        quoted "$file"
    done | sed -nE 's|^src/(.*\.h) (.*\.h)$|\1 \2|p' | { tsort > /dev/null; } 2>&1
}
check "headers include each other in no circle" "$(cycles)"

finish
