#!/usr/bin/env bash
# What a flood of sign-ins does to others: a post and the panel's own pages, before and while wrong passwords rain in.
#   bench/flood.sh BINARY
# 16 connections, each with a pause of PAUSE_MS (10) after an answer: up to 1,600 tries a second. With 0 the flood takes
# what the machine has, and everybody on it waits, whatever the server does.
. "$(dirname "$0")/lib.sh"
need wrk curl python3
BINARY=${1:?usage: bench/flood.sh BINARY}
prepare "$BINARY"; start_node "$BINARY"; find_paths
cat >"$WORK/flood.lua" <<LUA
local n = 0
wrk.method = "POST"
wrk.headers["Origin"] = "$PANEL"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
request = function()
    n = n + 1
    return wrk.format(nil, nil, nil, "email=nobody" .. n .. "@example.org&password=wrong-password-" .. n)
end
delay = function() return ${PAUSE_MS:-10} end
LUA
CONNECTIONS=4
heading
report "post, at rest" "$NODE" "$URL$PATH_single"
report "login page, at rest" "$NODE" "$PANEL/admin/login"
wrk -t1 -c16 -d$((SECONDS_EACH * ROUNDS * 2 + 10))s -s "$WORK/flood.lua" "$PANEL/admin/login" >"$WORK/flood.out" & FLOOD=$!; STARTED+=("$FLOOD")
sleep 1
report "post, under the flood" "$NODE" "$URL$PATH_single"
report "login page, under it" "$NODE" "$PANEL/admin/login"
wait "$FLOOD"; grep -E 'requests in|Non-2xx' "$WORK/flood.out"
