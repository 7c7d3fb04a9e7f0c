#!/usr/bin/env bash
# Pages made anew for every request: the cache is switched off.   bench/uncached.sh BINARY
. "$(dirname "$0")/lib.sh"
need wrk curl python3
BINARY=${1:?usage: bench/uncached.sh BINARY}
prepare "$BINARY"; start_node "$BINARY" FREEHOLD__CACHE__ENABLED=false; find_paths
heading
report "single" "$NODE" "$URL$PATH_single"
report "home" "$NODE" "$URL/"
report "archive" "$NODE" "$URL$PATH_archive"
report "home gzip" "$NODE" "$URL/" -H 'Accept-Encoding: gzip'
