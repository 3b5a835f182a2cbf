#!/bin/sh
# Runs a command in the folder of editors:  enter.sh FOLDER SHARED... -- COMMAND...
#
# Must be process 1 of mount and process namespaces of its own (unshare --mount --pid --fork): all that is
# mounted here, and all that the command starts, goes away with it. SHARED paths are the same inside and
# outside. The folder itself is only read; everything else inside is memory.
set -eu

editors=$1
shift
new_root=$editors/mnt
mount -t tmpfs -o mode=755 editors "$new_root"

for name in usr etc var; do
    mkdir "$new_root/$name"
    mount --bind "$editors/$name" "$new_root/$name"
    mount -o remount,bind,ro "$new_root/$name" 2>/dev/null || true # not always allowed without root
done
for name in bin sbin lib lib64; do
    [ ! -L "$editors/$name" ] || cp -P "$editors/$name" "$new_root/$name"
done

mkdir "$new_root/dev" "$new_root/proc" "$new_root/run" "$new_root/root"
mkdir -m 1777 "$new_root/tmp"
mount --rbind /dev "$new_root/dev"
mount -t tmpfs -o mode=1777 shm "$new_root/dev/shm"
mount -t proc proc "$new_root/proc"
mount -t tmpfs -o mode=1777 tmp "$new_root/var/tmp"

while [ "$1" != -- ]; do
    if [ -d "$1" ]; then
        mkdir -p "$new_root$1"
    else
        mkdir -p "$new_root${1%/*}"
        touch "$new_root$1"
    fi
    mount --rbind "$1" "$new_root$1"
    shift
done
shift

# Not exec: process 1 is deaf to its own signals, and a crash must arrive outside as one.
chroot "$new_root" "$@"
exit $?
