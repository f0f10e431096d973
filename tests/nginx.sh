#!/bin/sh
# Makes sure that there is an nginx for the tests of deploy/; says in one sentence what is missing when there is none.
set -u
there() { [ -n "${NGINX:-}" ] && [ -x "$NGINX" ] || PATH="$PATH:/usr/sbin" command -v nginx >/dev/null 2>&1; }
there && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing nginx for the tests of deploy/ ..."
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nginx-light >/dev/null 2>&1
  there && exit 0
fi
echo "The tests of deploy/ need nginx: as root run 'apt-get install nginx-light', or name one with NGINX=/path/to/nginx." >&2
exit 1
