#!/bin/sh
# Puts Streamlit's own files into a folder, each also compressed: deploy/static.sh FOLDER
set -eu
from=$("${PYTHON:-python3}" -c "import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec('streamlit').origin).parent / 'static' / 'static')")
mkdir -p "$1"
cp -r "$from" "$1/static"
find "$1/static" -type f \( -name '*.js' -o -name '*.css' -o -name '*.svg' \) -exec gzip -9 -k -n {} +
