#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds each contract's page in docs/ to its routes: each is there with its method, and no other.
# Never reads what a row says beyond that: the OpenAPI documents do. Called by `make check`.
. "$(dirname "${BASH_SOURCE[0]}")/guard.sh"

# Rows and the macros that make rows open with method and path; a macro's path is its argument.
of_code() {
    sed -nE 's/^ *\{ "(GET|POST|PUT|DELETE)", "(\/[^"]*)".*/\1 \2/p; s/^ *VERIFY_(EMAIL|SMS)\("([^"]*)"\).*/POST \2/p' "$1" |
        LC_ALL=C sort
}

# In a page a route is `METHOD /MOUNT/path`; another spelling of its last part stands in brackets behind it.
of_page() {
    sed -nE 's/^\| `(GET|POST|PUT|DELETE) (\/[a-z]+)(\/[^`?]*)?[^`]*`( \(`([^`]*)`\))?.*/\1 \3 \5/p' "$1" |
        while read -r method path other; do
            echo "$method ${path:-/}"
            [ -z "$other" ] || echo "$method $other"
        done | LC_ALL=C sort
}

for file in src/api/*.c; do
    name=$(sed -nE 's/^    \.name = "([a-z-]+)",$/\1/p' "$file")
    [ -n "$name" ] || continue
    page=docs/$name.md
    check "there are routes in $file" "$([ -n "$(of_code "$file")" ] || echo "no row was found")"
    check "$page has each route, and no other" "$([ -f "$page" ] || echo "it is missing"; diff <(of_code "$file") <(of_page "$page"))"
done

finish
