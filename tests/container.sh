#!/bin/sh
# A container by hand, for a machine without Docker: a view of the files in which only what READ names (lines of from:to) can be read, only
# what WRITE names and an empty /tmp can be written to, and nothing else is there; in it user 10001, without a single capability, runs the
# command in the folder WORK.   unshare --mount sh container.sh EMPTY-FOLDER COMMAND ...
set -eu
root=$1
shift
mount --make-rprivate /
mount -t tmpfs -o mode=755,size=1m tmpfs "$root"
mkdir "$root/tmp" "$root/proc" "$root/dev"
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev tmpfs "$root/tmp"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
for name in bin sbin lib lib64; do [ -L "/$name" ] && cp -P "/$name" "$root/$name"; done
show() { # from, to, how
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root$(dirname "$2")" && : > "$root$2"; fi
  mount --bind "$1" "$root$2"
  mount -o "remount,bind,nosuid,nodev,$3" "$root$2"
}
while IFS=: read -r from to; do show "$from" "$to" ro; done <<END
$READ
END
while IFS=: read -r from to; do [ -z "$from" ] || show "$from" "$to" rw; done <<END
$WRITE
END
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
  env --chdir="$WORK" "$@"
