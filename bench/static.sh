#!/usr/bin/env bash
# Files of a site against nginx serving the very same files, in turn: A B A B, medians of the rounds.
#   bench/static.sh target/release/freehold
# 4 kB hot: requests/s. 1 MB and 100 MB: throughput and CPU per byte; nginx once with sendfile on, once off.
# The node's memory (RSS) is printed before and after the 100 MB rounds: it must not grow with the size of the file.
. "$(dirname "$0")/lib.sh"
need wrk nginx curl python3

BINARY=${1:?usage: bench/static.sh BINARY}
POSTS=1 prepare "$BINARY"; start_node "$BINARY"
NAME=files.localhost
"$BINARY" --data "$DATA" site create --kind static --title Files --host $NAME >"$WORK/site.log" 2>&1 || die "$(cat "$WORK/site.log")"
HEADER="Host: $NAME"
for _ in $(seq 250); do curl -fso /dev/null -H "$HEADER" "$URL/" && break; sleep 0.02; done
ROOT=$(echo "$DATA"/accounts/*/home/$NAME/public)
head -c 4096 /dev/urandom >"$ROOT/4k.bin"; head -c 1000000 /dev/urandom >"$ROOT/1m.bin"; head -c 100000000 /dev/urandom >"$ROOT/100m.bin"
cp "$ROOT/4k.bin" "$ROOT/home.html"
chmod -R a+rX "$DATA" 2>/dev/null || true; chmod 755 "$WORK"
start_nginx "$ROOT"; ON=$NGINX; ON_URL=$NGINX_URL
port=$(free_port)
sed -e 's/sendfile on/sendfile off/' -e "s/listen [^;]*;/listen $HOST:$port;/" -e 's/nginx\.pid/nginx-off.pid/' \
    "$WORK/nginx.conf" >"$WORK/nginx-off.conf"
nginx -c "$WORK/nginx-off.conf" 2>"$WORK/nginx-off.log" & OFF=$!; STARTED+=("$OFF"); OFF_URL=http://$HOST:$port
wait_for "$OFF_URL/home.html"

rss_mb() { awk '/^VmRSS:/{printf "%.1f", $2/1024}' "/proc/$1/status"; }
ours() { load "$NODE" "$URL/$1" -H "$HEADER"; }
echo "$(nproc) cores, $CONNECTIONS connections for 4 kB, $ROUNDS rounds of ${SECONDS_EACH} s each"
heading
: >"$WORK/ours"; : >"$WORK/theirs"
for _ in $(seq "$ROUNDS"); do ours 4k.bin >>"$WORK/ours"; load "$ON" "$ON_URL/4k.bin" >>"$WORK/theirs"; done
for side in ours theirs; do
    label=freehold; [ $side = theirs ] && label=nginx
    row "4 kB $label" "$(median 1 "$WORK/$side")" "$(median 2 "$WORK/$side")" "$(median 3 "$WORK/$side")" "$(median 4 "$WORK/$side")" "$(median 5 "$WORK/$side")"
done
ratio() { awk -v a="$(median "$1" "$2")" -v b="$(median "$1" "$3")" 'BEGIN{printf "%.2f", b?a/b:0}'; }
row "  ratio" "$(ratio 1 "$WORK/ours" "$WORK/theirs")" "$(ratio 2 "$WORK/ours" "$WORK/theirs")" "$(ratio 3 "$WORK/ours" "$WORK/theirs")" "$(ratio 4 "$WORK/ours" "$WORK/theirs")" ""

echo; printf '%-26s %12s %16s\n' what 'MB/s' 'CPU ms per MB'
# Two threads of the client: one alone is busy with the copy out of the page cache that sendfile leaves to it, so that
# its own speed would be measured and not the server's.
CONNECTIONS=4; THREADS=2
BEFORE=$(rss_mb "$NODE")
for size in 1m:1 100m:100; do
    file=${size%%:*}.bin; mb=${size##*:}
    for side in ours on off; do : >"$WORK/$side"; done
    for _ in $(seq "$ROUNDS"); do
        ours "$file" >>"$WORK/ours"; load "$ON" "$ON_URL/$file" >>"$WORK/on"; load "$OFF" "$OFF_URL/$file" >>"$WORK/off"
    done
    line() { # LABEL FILE
        awk -v l="$1" -v r="$(median 1 "$2")" -v c="$(median 4 "$2")" -v mb="$mb" 'BEGIN{printf "%-26s %12.0f %16.3f\n", l, r*mb, c/1000/mb}'
    }
    line "$mb MB freehold" "$WORK/ours"; line "$mb MB nginx" "$WORK/on"; line "$mb MB nginx, sendfile off" "$WORK/off"
    printf '%-26s %12s %16s\n' "  ratio to sendfile off" "$(ratio 1 "$WORK/ours" "$WORK/off")" "$(ratio 4 "$WORK/ours" "$WORK/off")"
    printf '%-26s %12s %16s\n' "  ratio to sendfile on" "$(ratio 1 "$WORK/ours" "$WORK/on")" "$(ratio 4 "$WORK/ours" "$WORK/on")"
done
echo "RSS of the node: $BEFORE MB before, $(rss_mb "$NODE") MB after"
