#!/usr/bin/env bash
# Complete entry saves through the API, 32 clients, full durability.   bench/writes.sh BINARY
# Each entry has a title of its own and two tags. "errors" must be 0. API_PATH and API_BODY change what is sent; `@N@`
# stands for a number that is new each time.
. "$(dirname "$0")/lib.sh"
need wrk curl python3
BINARY=${1:?usage: bench/writes.sh BINARY}
prepare "$BINARY"
TOKEN=${TOKEN:-$("$BINARY" --data "$DATA" token create --user $EMAIL --scope "${SCOPE:-content}" --site $HOST)}
start_node "$BINARY"
DRAFT='{"type":"post","status":"draft","title":"Bench @N@","tags":["Sea","Boats"],"markdown":"Some words about the sea and the boats on it."}'
BODY=${API_BODY:-$DRAFT}
cat >"$WORK/writes.lua" <<LUA
local n, run = 0, os.time()
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer $TOKEN"
wrk.headers["Content-Type"] = "application/json"
request = function()
    n = n + 1
    return wrk.format(nil, "${API_PATH:-/api/v1/sites/1/entries}", nil, (([[$BODY]]):gsub("@N@", run .. "-" .. n)))
end
LUA
CONNECTIONS=32
heading
report "entry saves" "$NODE" "$PANEL/" -s "$WORK/writes.lua"
