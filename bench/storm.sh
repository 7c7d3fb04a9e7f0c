#!/usr/bin/env bash
# New unknown addresses all the time; "errors" are the 404s and must equal the requests.   bench/storm.sh BINARY
. "$(dirname "$0")/lib.sh"
need wrk curl python3
BINARY=${1:?usage: bench/storm.sh BINARY}
prepare "$BINARY"; start_node "$BINARY"
cat >"$WORK/storm.lua" <<'LUA'
local n = math.floor(os.time() % 100000) * 100000000
request = function() n = n + 1; return wrk.format("GET", "/nobody-wrote-this-" .. n) end
LUA
echo "memory before: $(pss_mb "$NODE") MB"
heading
report "storm" "$NODE" "$URL/" -s "$WORK/storm.lua"
echo "memory after: $(pss_mb "$NODE") MB"
