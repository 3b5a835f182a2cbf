#!/usr/bin/env bash
# Builds a folder of Debian 13 that holds the real GIMP 3 and the real Krita 5, and prints its path as the
# last line. A second call returns at once. The folder lives in the user's cache, outside the checkout.
# With NEURAL_STYLE_TEST_EDITORS=newest it is one of Debian's unstable suites, with the newest GIMP and Krita.
#
# Everything is built beside its final name and renamed at the end, so a broken build is never used.
# Exit status: 0 ready, 3 this machine cannot have the editors (the last line of stderr says why).
#
# NEURAL_STYLE_TEST_MIRROR=URL names the Debian mirror, where the system's own apt sources hold none.
set -euo pipefail

readonly SCRIPT_VERSION=1 # part of the stamp: raise it when this script builds a different folder
readonly EDITORS=${NEURAL_STYLE_TEST_EDITORS:-stable}
if [[ $EDITORS == newest ]]; then
    readonly SUITE=sid KRITA_SUITE=experimental QT=PyQt6
    readonly KRITA=(krita python3-pyqt6 qt6-svg-plugins)
else
    readonly SUITE=trixie KRITA_SUITE="" QT=PyQt5
    readonly KRITA=(krita python3-pyqt5)
fi
readonly PACKAGES=(
    gimp python3 python3-gi
    "${KRITA[@]}"
    xvfb xauth xdotool openbox wmctrl imagemagick fonts-dejavu-core
    dbus dbus-x11
)
readonly DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

stamp=$(printf '%s\n' "$SCRIPT_VERSION" "$SUITE" "${PACKAGES[@]}" | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/neural-style-tests
folder=$cache/editors-$stamp
building=$folder.building
log=$folder.log

say() { printf '%s\n' "$*" >&2; }
impossible() { say "$*"; exit 3; }

# --- namespaces -------------------------------------------------------------------------------------------

# Running the editors needs one of these, so there is no use in a folder without.
require_namespaces() {
    local user=()
    [[ $EUID -eq 0 ]] || user=(--map-root-user)
    command -v unshare nsenter setpriv >/dev/null ||
        impossible "Programs of package util-linux are missing (unshare, nsenter or setpriv)."
    unshare "${user[@]}" --mount --pid --fork true 2>/dev/null ||
        impossible "This machine does not let this user start mount namespaces (unshare --mount fails)."
}

# Sets `namespace` to the command that starts another with its own mounts and processes, as root in there.
choose_namespace() {
    local user=()
    if [[ $EUID -ne 0 ]]; then
        user=(--map-root-user --map-auto) # installing needs more than one user id; running does not
        unshare "${user[@]}" true 2>/dev/null ||
            impossible "Without root this needs a range of user ids (package uidmap, a line in" \
                "/etc/subuid); run tests/hosts/setup.sh as root instead."
    fi
    # When this script is killed, so is the build.
    namespace=(setpriv --pdeathsig KILL unshare "${user[@]}" --mount --pid --fork --kill-child)
}

# --- where Debian comes from ------------------------------------------------------------------------------

# Both readers print 'ADDRESS<tab>KEYRING' for each enabled source that has component main of a given suite.
read_deb822_sources() {
    awk -v wanted="$1" '
        function has(list, word) { return index(" " list " ", " " word " ") }
        BEGIN { RS = ""; FS = "\n" }
        {
            delete field; name = ""
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^#/) continue
                if ($i ~ /^[A-Za-z-]+:/) {
                    name = tolower(substr($i, 1, index($i, ":") - 1))
                    field[name] = substr($i, index($i, ":") + 1)
                } else field[name] = field[name] " " $i
                gsub(/[ \t]+/, " ", field[name]); sub(/^ /, "", field[name]); sub(/ $/, "", field[name])
            }
            if (tolower(field["enabled"]) ~ /^(no|false|0|off)$/) next
            if (has(field["types"], "deb") && has(field["suites"], wanted) &&
                has(field["components"], "main"))
                print_each(field["uris"], field["signed-by"])
        }
        function print_each(uris, key,    n, uri, j) {
            n = split(uris, uri, " ")
            for (j = 1; j <= n; j++) print uri[j] "\t" (key ~ /^\/[^ ]+$/ ? key : "")
        }' /dev/null "${@:2}"
}

read_one_line_sources() {
    awk -v wanted="$1" '
        $1 == "deb" {
            key = ""; line = $0
            if (match(line, /\[[^]]*\]/)) {
                options = substr(line, RSTART + 1, RLENGTH - 2)
                line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
                if (match(options, /signed-by=[^ ]+/)) key = substr(options, RSTART + 10, RLENGTH - 10)
            }
            sub(/#.*/, "", line)
            n = split(line, word, " ")
            if (word[3] != wanted) next
            for (i = 4; i <= n; i++) if (word[i] == "main") { print word[2] "\t" key; next }
        }'
}

read_sources() {
    local directory=${APT_FOLDER:-/etc/apt} suite
    shopt -s nullglob
    for suite in "$@"; do
        read_deb822_sources "$suite" "$directory"/sources.list.d/*.sources
        { cat /dev/null "$directory/sources.list" "$directory"/sources.list.d/*.list 2>/dev/null || true; } |
            read_one_line_sources "$suite"
    done
    shopt -u nullglob
}

# Third-party repositories may also call their suite after Debian's; Debian's own addresses end in /debian.
pick_main_source() {
    awk -F '\t' '{ if ($1 ~ /\/debian\/?$/) { print; found = 1; exit } if (first == "") first = $0 }
        END { if (!found && first != "") print first }'
}

os_release() { sed -n -E "s/^$1=\"?([^\"]*)\"?$/\1/p" /etc/os-release; }

# Sets `mirror` and `keyring`.
choose_mirror() {
    local codename source
    mirror=${NEURAL_STYLE_TEST_MIRROR:-}
    keyring=$DEBIAN_KEYRING
    if [[ -z $mirror ]]; then
        [[ $(os_release ID) == debian ]] || impossible "This system is not Debian, so its package sources" \
            "hold no Debian 13; name a Debian mirror in NEURAL_STYLE_TEST_MIRROR."
        codename=$(os_release VERSION_CODENAME)
        source=$(read_sources "$codename" stable testing unstable sid | pick_main_source)
        [[ -n $source ]] || impossible "No Debian mirror for '$codename' is in /etc/apt; name one in" \
            "NEURAL_STYLE_TEST_MIRROR."
        IFS=$'\t' read -r mirror source <<<"$source"
        [[ -z $source ]] || keyring=$source
    fi
    # A list of mirrors in a file, as Debian's cloud images have it: take the first.
    if [[ $mirror == mirror+file:* ]]; then
        mirror=$(awk '!/^#/ && NF { print $1; exit }' "${mirror#mirror+file:}")
    fi
    [[ -r $keyring ]] || impossible "Debian's keys are missing ($keyring, package debian-archive-keyring)."
}

require_debootstrap() {
    export PATH=$PATH:/usr/sbin:/sbin
    command -v debootstrap >/dev/null && return
    [[ $EUID -eq 0 ]] || impossible "The program 'debootstrap' is missing and only root can install it."
    command -v apt-get >/dev/null || impossible "The program 'debootstrap' is missing, and apt-get is too."
    # Another folder may be built at the same time, and debian.py installs packages, too: one after the other.
    exec 8>"$cache/apt.lock"
    flock 8
    command -v debootstrap >/dev/null || install_debootstrap
    exec 8>&-
    command -v debootstrap >/dev/null ||
        impossible "The program 'debootstrap' is missing and apt-get could not install it (see $log)."
}

install_debootstrap() {
    say "Installing debootstrap ..."
    apt_get_here install --no-install-recommends debootstrap || {
        apt_get_here update || true # a broken third-party source must not stop us
        apt_get_here install --no-install-recommends debootstrap || true
    }
}

# Another program may be installing at the moment: its lock is waited for.
apt_get_here() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -y "$@" >>"$log" 2>&1 </dev/null 8>&- 9>&-
}

# --- building (runs inside the namespace) -----------------------------------------------------------------

inside() { chroot "$building" env -i "${clean_environment[@]}" "$@" </dev/null; }

bootstrap() {
    debootstrap --variant=minbase --include=ca-certificates --keyring="$keyring" \
        "$SUITE" "$building" "$mirror"
}

configure_packages() {
    printf 'path-exclude=/usr/share/%s\n' 'doc/*' 'man/*' 'info/*' 'locale/*' 'gtk-doc/*' 'help/*' \
        >"$building/etc/dpkg/dpkg.cfg.d/tests"
    echo force-unsafe-io >>"$building/etc/dpkg/dpkg.cfg.d/tests"
    printf '#!/bin/sh\nexit 101\n' >"$building/usr/sbin/policy-rc.d" # start no service
    chmod +x "$building/usr/sbin/policy-rc.d"
    install -D -m 644 "$keyring" "$building/etc/apt/keyrings/tests.gpg"
    rm -f "$building"/etc/apt/sources.list.d/*
    local suite
    for suite in $SUITE $KRITA_SUITE; do
        echo "deb [signed-by=/etc/apt/keyrings/tests.gpg] $mirror $suite main"
    done >"$building/etc/apt/sources.list"
    [[ -z $KRITA_SUITE ]] || printf 'Package: krita krita-data\nPin: release a=%s\nPin-Priority: 900\n' \
        "$KRITA_SUITE" >"$building/etc/apt/preferences.d/tests"
}

# Proxies, certificates and the like: what apt needs here, it needs in the folder.
copy_apt_settings() {
    local file
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/* $(apt_setting_files); do
        [[ -f $file && -r $file ]] && install -D -m 644 "$file" "$building$file"
    done
    echo 'APT::Sandbox::User "root";' >"$building/etc/apt/apt.conf.d/zz-tests"
    for file in /etc/resolv.conf /etc/hosts; do
        [[ ! -f $file ]] || cat "$file" >"$building$file"
    done
}

# Certificates and keys that apt's settings name by their path.
apt_setting_files() {
    { cat /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null || true; } |
        sed -n -E 's/.*(CaInfo|SslCert|SslKey)[[:space:]]+"(\/[^"]+)".*/\2/Ip'
}

copy_certificates() {
    local certificates=/usr/local/share/ca-certificates
    [[ ! -d $certificates ]] || cp -rL "$certificates/." "$building$certificates/"
    inside update-ca-certificates
}

install_editors() {
    inside apt-get update
    inside apt-get install -y --no-install-recommends -o Acquire::Retries=3 "${PACKAGES[@]}"
    inside apt-get clean
    rm -rf "$building"/var/lib/apt/lists/*
}

finish() {
    inside dbus-uuidgen --ensure=/etc/machine-id
    inside fc-cache -f
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$building/etc/hosts"
    mkdir -p "$building/mnt"
}

check_editors() {
    inside sh -c '/usr/bin/gimp-console-3.? --version'
    inside test -x /usr/bin/krita
    inside python3 -c "import gi, $QT.QtWidgets"
    inside sh -c 'command -v Xvfb openbox xdotool wmctrl import dbus-run-session'
}

build() {
    local name
    clean_environment=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8)
    clean_environment+=(DEBIAN_FRONTEND=noninteractive)
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [[ -z ${!name:-} ]] || clean_environment+=("$name=${!name}")
    done
    rm -rf "$building" # what a broken build left
    bootstrap
    configure_packages
    copy_apt_settings
    copy_certificates
    install_editors
    finish
    check_editors
}

# --- main -------------------------------------------------------------------------------------------------

build_and_rename() {
    choose_namespace
    require_debootstrap
    choose_mirror
    say "Building a folder of Debian ($SUITE) with GIMP and Krita; this takes two to four minutes ..."
    # Without root no device can be made; for this container debootstrap binds those of the machine.
    [[ $EUID -eq 0 ]] || export container=lxc
    # 9>&-: no process that the build leaves behind may hold the lock.
    export mirror keyring
    if ! "${namespace[@]}" bash "$0" --inside >>"$log" 2>&1 </dev/null 9>&-; then
        tail -n 15 "$log" >&2
        [[ $EDITORS != newest ]] || impossible "The newest editors could not be installed, as happens while a" \
            "suite is in transition (see $log)."
        say "Building the folder failed; the whole story is in $log."
        exit 1
    fi
    mv "$building" "$folder"
}

main() {
    require_namespaces
    mkdir -p "$cache"
    if [[ ! -d $folder ]]; then
        exec 9>"$folder.lock" # of this folder only: the other set may be built at the same time
        flock 9
        [[ -d $folder ]] || { : >"$log"; build_and_rename; }
    fi
    printf '%s\n' "$folder"
}

if [[ ${1:-} == --inside ]]; then build; else main; fi
