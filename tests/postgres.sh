#!/bin/sh
# Makes sure that there is a PostgreSQL for the store's tests; says in one sentence what is missing when there is none.
set -u
there() { [ -n "${POSTGRES_BIN:-}" ] && [ -x "$POSTGRES_BIN/initdb" ] || command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
there && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing PostgreSQL for the store's tests ..."
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null 2>&1
  there && exit 0
fi
echo "The store's tests need PostgreSQL: as root run 'apt-get install postgresql', or name the folder of initdb in POSTGRES_BIN." >&2
exit 1
