#!/bin/sh
# Every test with the newest version of everything that we name: `make newest`. What differs from the pinned versions is printed first.
set -eu
cd "$(dirname "$0")/.."
new=.venv-newest
rm -rf "$new"
python3 -m venv "$new"
"$new/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip
sed '/^# What those bring along/,$d; s/==.*//' requirements.txt >"$new/names.txt"
sed '/^-r/d; s/==.*//' requirements-dev.txt >>"$new/names.txt"
"$new/bin/python" -m pip install --quiet --disable-pip-version-check -r "$new/names.txt"
"$new/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --editable .
named() { awk -F'==| |;' 'NF > 1 { gsub(/[._]/, "-", $1); print tolower($1) "==" $2 }' | sort; }
"$new/bin/python" -m pip freeze --exclude-editable | named >"$new/has.txt"
grep -h '^[A-Za-z0-9]' requirements-dev.lock | named | diff - "$new/has.txt" | grep '^>' || echo "Nothing is newer than what is pinned."
exec "$new/bin/python" -m pytest -n auto
