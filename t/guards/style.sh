#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds sources to what a compiler does not say: widths, tabs, licence lines, functions that are never right here, and the
# calls of apr_dbd and SQL that were found to be traps. Never reformats. Called by `make check`.
. "$(dirname "${BASH_SOURCE[0]}")/guard.sh"

mapfile -t sources < <(c_files mod_authsvc.c include src providers t bench)
mapfile -t others < <(find scripts t conf .ci configure.ac Makefile.am -name node_modules -prune -o -type f \
    \( -name '*.sh' -o -name '*.mjs' -o -name '*.t' -o -name '*.pm' -o -name '*.ac' -o -name '*.am' \
    -o -path 'scripts/*' -o -path '.ci/*' -o -name TEST \) -print 2>/dev/null)

# Columns are code points. A row of a .def file, an SQL statement, may be wider.
check "lines of C have at most 100 columns" \
    "$(printf '%s\0' "${sources[@]}" | grep -zv '\.def$' | LC_ALL=C.UTF-8 xargs -0 grep -nE '^.{101,}$' | cut -c1-120)"
check "no tabs, no blanks at a line's end in C" "$(grep -nP '\t|[ ]+$|\r' -- "${sources[@]}")"
check "every file has its SPDX line" \
    "$(for file in "${sources[@]}" "${others[@]}"; do
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file"
    done)"
check "every C file opens with what it does" \
    "$(for file in "${product[@]}"; do
        head -n 1 "$file" | grep -q '^/\* SPDX-License-Identifier: Apache-2.0$' || echo "$file"
    done)"

# Name, then a pattern. What comments say is left alone.
code() { grep -nE "$1" -- "${product[@]}" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*(\*|/\*)'; }
while IFS=: read -r name pattern; do
    check "$name" "$(code "$pattern")"
done <<'TABLE'
no unbounded string functions:\b(strcpy|stpcpy|strcat|sprintf|vsprintf|gets)[[:space:]]*\(
no number readers without errors:\b(atoi|atol|atoll)[[:space:]]*\(
no strtok, whose state is shared:\bstrtok[[:space:]]*\(
no transactions of apr_dbd's own:\bapr_dbd_transaction_(start|end|mode_set)\b
parameters only through apr_dbd_pbquery and apr_dbd_pbselect:\bapr_dbd_(p|pv|pvb)(query|select)\b
no busy_timeout, which sleeps with the driver's lock held:[Bb][Uu][Ss][Yy]_[Tt][Ii][Mm][Ee][Oo][Uu][Tt]
no INSERT IGNORE, which swallows any fault:[Ii][Nn][Ss][Ee][Rr][Tt][[:space:]]+[Ii][Gg][Nn][Oo][Rr][Ee]
no left-overs:\b(TODO|FIXME|XXX)\b
TABLE

finish
