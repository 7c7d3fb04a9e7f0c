#!/usr/bin/env bash
# Site search, newest first and by relevance, each page made anew.   bench/search.sh BINARY [WORD …]
# Use POSTS=100000 with DATA_DIR for the large figure.
. "$(dirname "$0")/lib.sh"
need wrk curl python3
BINARY=${1:?usage: bench/search.sh BINARY [WORD …]}; shift
prepare "$BINARY"; start_node "$BINARY" FREEHOLD__CACHE__ENABLED=false
[ $# -gt 0 ] || set -- harbour boats
CONNECTIONS=2
heading
for word in "$@"; do
    report "relevance: $word" "$NODE" "$URL/?s=$word"
    report "newest: $word" "$NODE" "$URL/?s=$word&order=newest"
done
