#!/usr/bin/env bash
# How long an upload of a picture of 2400×1600 takes to be answered; its copies are made later.   bench/upload.sh BINARY [FILE]
# FILE must be new to the site; without it one is made by ImageMagick.
. "$(dirname "$0")/lib.sh"
need curl python3
BINARY=${1:?usage: bench/upload.sh BINARY [FILE]}
POSTS=10
prepare "$BINARY"
TOKEN=$("$BINARY" --data "$DATA" token create --user $EMAIL --scope content,media.write --site $HOST)
start_node "$BINARY"
for n in $(seq 7); do
    FILE=${2:-$WORK/$n.jpg}
    [ -e "$FILE" ] || { need convert; convert -seed "$n" -size 600x400 plasma:fractal -resize 2400x1600 -quality 90 "$FILE"; }
    before=$(cpu_ticks "$NODE")
    curl -fs -o /dev/null -w '%{time_total}\n' -H "Authorization: Bearer $TOKEN" -F "file=@$FILE" "$PANEL/api/v1/sites/1/media" >>"$WORK/times"
    sleep 1
    echo "$((($(cpu_ticks "$NODE") - before) * 1000 / TICKS))" >>"$WORK/cpu"
    [ -z "${2:-}" ] || break
done
awk '{print $1 * 1000}' "$WORK/times" | sort -n | awk '{a[NR]=$1} END {printf "answered after %.0f ms (median of %d, slowest %.0f ms)\n", a[int((NR+1)/2)], NR, a[NR]}'
sort -n "$WORK/cpu" | awk '{a[NR]=$1} END {printf "CPU of the node within a second: %d ms\n", a[int((NR+1)/2)]}'
