# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# What quickstart and test share: Debian packages that are missing, a build that is up to date, the user httpd serves as.
# Never starts a service, never touches the system's httpd configuration. Sourced by the scripts beside it.

PATH=$PATH:/usr/sbin:/sbin
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build_packages=(apache2-bin apache2-dev libaprutil1-dbd-sqlite3 libjansson-dev libargon2-dev libssl-dev
    libcurl4-openssl-dev autoconf automake libtool pkg-config gcc make)

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

as_root() {
    if is_root; then
        "$@"
    else
        sudo -- "$@"
    fi
}

missing_packages() {
    local package

    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

# need_packages PACKAGE…: installs what is missing; one at a time, however many scripts ask.
need_packages() {
    local -a missing

    command -v dpkg-query > /dev/null || return 0 # not Debian: configure names what it lacks
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Missing packages: ${missing[*]}"
    is_root || command -v sudo > /dev/null || fail "install them as root: apt-get install ${missing[*]}"
    say "Installing them with apt-get$(is_root || echo ' and sudo')…"
    (
        flock 9
        mapfile -t left < <(missing_packages "$@")
        [ ${#left[@]} -gt 0 ] || exit 0
        as_root apt-get -qq -o DPkg::Lock::Timeout=600 update 9<&- || say "apt-get update failed; trying without it"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
            -o DPkg::Lock::Timeout=600 install "${left[@]}" > /dev/null 9<&-
    ) 9< /var/lib/dpkg || fail "apt-get could not install: ${missing[*]}"
}

# build FOLDER [CONFIGURE OPTION…]: brings the build in that copy of the tree up to date, or shows why it fails.
build() {
    local folder=$1 log status=0

    shift
    log=$(mktemp)
    # shellcheck disable=SC2094 # the folder itself is the lock, so that no file is left behind
    (
        flock 9
        cd "$folder" || exit 1
        if [ ! -x configure ] || [ configure.ac -nt configure ]; then
            say "Preparing the build (autoreconf)…"
            autoreconf -i >> "$log" 2>&1 || exit 1
        fi
        if [ ! -f Makefile ]; then
            say "Configuring…"
            ./configure "$@" >> "$log" 2>&1 || exit 1
        fi
        if ! make -q all >> "$log" 2>&1; then
            say "Building…"
            make -j"$(nproc)" all >> "$log" 2>&1 || exit 1
        fi
    ) 9< "$folder" || status=1
    [ $status = 0 ] || tail -n 40 "$log" >&2
    rm -f "$log"
    [ $status = 0 ] || fail "the build failed; above is the end of what it said"
}

# copy_tree FROM TO: the sources, and with `built` as third word what was built from them, too.
copy_tree() {
    local from=$1 to=$2
    local -a without=(--exclude=./.git --exclude=./var --exclude=./build-sanitize --exclude=./autom4te.cache
        --exclude=./t/logs --exclude=./t/state)

    [ "${3:-}" = built ] || without+=(--exclude='*.o' --exclude='*.lo' --exclude='*.la' --exclude=.libs
        --exclude=.deps --exclude=.dirstamp --exclude=./Makefile --exclude=./config.status
        --exclude=./config.log --exclude=./libtool --exclude=./authsvcctl --exclude='*.log'
        --exclude='*.trs')
    mkdir -p "$to"
    tar -C "$from" -c "${without[@]}" . | tar -C "$to" -x --no-same-owner
}

# The user that serves where the script runs as root; empty where it does not.
find_service_user() {
    local user

    is_root || return 0
    for user in www-data daemon nobody; do
        if id "$user" > /dev/null 2>&1; then
            echo "$user"
            return
        fi
    done
    fail "none of the users www-data, daemon and nobody exists, and httpd does not serve as root"
}

# as_service USER COMMAND…: as that user, or as ourselves where USER is empty.
as_service() {
    local user=$1

    shift
    if [ -n "$user" ]; then
        setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@"
    else
        "$@"
    fi
}
