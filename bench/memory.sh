#!/usr/bin/env bash
# Memory (PSS of the process tree) at rest, under load, and after it.   bench/memory.sh BINARY
. "$(dirname "$0")/lib.sh"
need wrk curl python3
BINARY=${1:?usage: bench/memory.sh BINARY}
prepare "$BINARY"; start_node "$BINARY"; find_paths
sleep 2; echo "at rest:     $(pss_mb "$NODE") MB"
wrk -t1 -c"$CONNECTIONS" -d"${SECONDS_EACH}s" -H 'Accept-Encoding: gzip' "$URL/" >/dev/null & LOAD=$!; STARTED+=("$LOAD")
sleep $((SECONDS_EACH / 2)); echo "under load:  $(pss_mb "$NODE") MB"
wait "$LOAD"; sleep 2; echo "after it:    $(pss_mb "$NODE") MB"
