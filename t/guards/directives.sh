#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds conf/authsvc.conf to the code: each directive of the module and of the providers stands there, and no other.
# Never judges defaults or texts. Called by `make check`.
. "$(dirname "${BASH_SOURCE[0]}")/guard.sh"

reference=conf/authsvc.conf

# A directive's row opens with its name as a string: AP_INIT_TAKE1("AuthSvcIssuer", … or { "AuthSvcIssuer", …
of_code() {
    c_files src/server/config.c mod_authsvc.c providers | xargs -r \
        grep -hoE '[({][[:space:]]*"AuthSvc[A-Za-z0-9]+"[[:space:]]*,' | grep -oE 'AuthSvc[A-Za-z0-9]+' | sort -u
}

# In the reference a directive opens its line, commented out or not.
of_reference() {
    grep -oE '^[[:space:]]*#?[[:space:]]*AuthSvc[A-Za-z0-9]+' "$reference" | grep -oE 'AuthSvc[A-Za-z0-9]+' | sort -u
}

if [ ! -f "$reference" ]; then
    check "there is $reference" "it is missing"
    finish
fi
check "there are directives in the code" "$([ -n "$(of_code)" ] || echo "no row was found in src/server/config.c")"
check "every directive of the code is in $reference" "$(comm -23 <(of_code) <(of_reference))"
check "every directive in $reference is in the code" "$(comm -13 <(of_code) <(of_reference))"

finish
