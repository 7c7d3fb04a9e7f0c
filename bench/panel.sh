#!/usr/bin/env bash
# Latency of panel pages for one signed-in person, 4 at once.   bench/panel.sh BINARY [PATH …]
# COOKIE='name=value' skips the sign-in.
. "$(dirname "$0")/lib.sh"
need wrk curl python3
BINARY=${1:?usage: bench/panel.sh BINARY [PATH …]}; shift
prepare "$BINARY"; start_node "$BINARY"
if [ -z "${COOKIE:-}" ]; then
    curl -fs -c "$WORK/jar" "$PANEL/admin/login" -o "$WORK/login.html"
    token=$(grep -o 'name="csrf"[^>]*value="[^"]*"' "$WORK/login.html" | sed 's/.*value="//; s/"$//' || true)
    curl -s -b "$WORK/jar" -c "$WORK/jar" -H "Origin: $PANEL" -o /dev/null \
        --data-urlencode "email=$EMAIL" --data-urlencode "password=$PASSWORD" --data-urlencode "csrf=$token" "$PANEL/admin/login"
    COOKIE=$(awk '/session/ {print $6"="$7}' "$WORK/jar" | tail -1)
    [ -n "$COOKIE" ] || die "could not sign in (set COOKIE='name=value')"
fi
[ $# -gt 0 ] || set -- /admin/
CONNECTIONS=4
heading
for path in "$@"; do report "$path" "$NODE" "$PANEL$path" -H "Cookie: $COOKIE"; done
