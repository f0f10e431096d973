#!/bin/sh
# Makes sure that there is a Chromium for the browser tests; says in one sentence what is missing when there is none.
set -u
[ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ] && exit 0
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests ..."
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null 2>&1 && exit 0
fi
echo "The browser tests need a Chromium: as root run 'apt-get install chromium', or name one with CHROMIUM=/path/to/chromium." >&2
exit 1
