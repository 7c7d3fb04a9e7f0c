#!/usr/bin/env bash
# Many sites on one node: start to first page and memory.   bench/sites.sh BINARY
# SITES (100) with POSTS (1000) each are made first; DATA_DIR keeps them.
. "$(dirname "$0")/lib.sh"
need curl python3
BINARY=${1:?usage: bench/sites.sh BINARY}
SITES=${SITES:-100}
prepare "$BINARY"
run() { "$BINARY" --data "$DATA" "$@" >>"$WORK/sites.log" 2>&1 || die "$(tail -1 "$WORK/sites.log")"; }
have=$("$BINARY" --data "$DATA" --json site list | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')
for n in $(seq "$have" $((SITES - 1))); do
    run site create --title "Site $n" --host "s$n.example"
    run content seed --posts "$POSTS" --site "s$n.example"
done
DATA_DIR=$DATA "$(dirname "$0")/start.sh" "$BINARY"
