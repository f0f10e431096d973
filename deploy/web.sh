#!/bin/sh
# Fills deploy/nginx.conf in with the settings of the environment, and becomes nginx.
#   ORIGIN       what readers have in their address bar: https://news.example.org
#   REPLICA_A    host:port of the first replica; REPLICA_B of the second
#   LISTEN       the port to listen on                                          8080
#   STATIC       the folder that deploy/static.sh made                          /srv
#   SCRATCH      a folder for what does not last                                /tmp
#   TRUSTED      the address of whoever ends TLS in front, as CIDR              127.0.0.1
#   CONNECTIONS  requests and websockets under way from one address             400
set -eu
: "${ORIGIN:?must say what readers have in their address bar, such as https://news.example.org}"
: "${REPLICA_A:?must be host:port of the first replica}" "${REPLICA_B:?must be host:port of the second replica}"
: "${LISTEN:=8080}" "${STATIC:=/srv}" "${SCRATCH:=/tmp}" "${TRUSTED:=127.0.0.1}" "${CONNECTIONS:=400}"
SOCKET="ws${ORIGIN#http}"
HOST="${ORIGIN#*://}"
HOST="${HOST%%:*}"
script=""
for name in ORIGIN REPLICA_A REPLICA_B LISTEN STATIC SCRATCH TRUSTED CONNECTIONS SOCKET HOST; do
  eval "value=\$$name"
  case "$value" in *[!A-Za-z0-9._:/-]*) echo "$name holds what no address, folder or number does: $value" >&2; exit 1 ;; esac
  script="$script;s|\${$name}|$value|g"
done
sed "${script#;}" "$(dirname "$0")/nginx.conf" > "$SCRATCH/nginx.conf"
PATH="$PATH:/usr/sbin"
exec "${NGINX:-nginx}" -c "$SCRATCH/nginx.conf" -e stderr -g 'daemon off;'
