#!/usr/bin/env bash
# Cached pages against nginx serving the very same bytes, in turn: A B A B, medians of the rounds.
#   bench/pages.sh target/release/freehold
#   bench/pages.sh --running PID URL NAME=PATH …      a server that runs already
. "$(dirname "$0")/lib.sh"
need wrk nginx curl python3

declare -a NAMES=(); declare -A PATHS=()
if [ "${1:-}" = --running ]; then
    NODE=$2; URL=$3; shift 3
    for pair in "$@"; do NAMES+=("${pair%%=*}"); PATHS[${pair%%=*}]=${pair#*=}; done
else
    BINARY=${1:?usage: bench/pages.sh BINARY}
    prepare "$BINARY"; start_node "$BINARY"; find_paths
    NAMES=(home single archive feed)
    PATHS=([home]=/ [single]=$PATH_single [archive]=$PATH_archive [feed]=/feed/)
fi

# Ask often enough that the background has made the best gzip, then take the bytes as they are served.
ROOT=$WORK/root; mkdir "$ROOT"; chmod 755 "$WORK" "$ROOT"
for name in "${NAMES[@]}"; do
    for _ in 1 2 3; do curl -fs -H 'Accept-Encoding: gzip' -o /dev/null "$URL${PATHS[$name]}"; curl -fs -o /dev/null "$URL${PATHS[$name]}"; done
done
sleep 2
for name in "${NAMES[@]}"; do
    curl -fs "$URL${PATHS[$name]}" -o "$ROOT/$name.html"
    curl -fs -H 'Accept-Encoding: gzip' "$URL${PATHS[$name]}" -o "$ROOT/$name.html.gz"
    gzip -t "$ROOT/$name.html.gz" 2>/dev/null || rm "$ROOT/$name.html.gz"
    touch -r "$ROOT/$name.html" "$ROOT/$name.html.gz" 2>/dev/null || true
done
chmod 644 "$ROOT"/*
[ -e "$ROOT/home.html" ] || cp "$ROOT/${NAMES[0]}.html" "$ROOT/home.html"
start_nginx "$ROOT"

echo "$(nproc) cores, $CONNECTIONS connections, $ROUNDS rounds of ${SECONDS_EACH} s each"
heading
for name in "${NAMES[@]}"; do
    for form in plain gzip; do
        header=(); [ $form = gzip ] && header=(-H 'Accept-Encoding: gzip')
        [ $form = gzip ] && [ ! -e "$ROOT/$name.html.gz" ] && continue
        : >"$WORK/ours"; : >"$WORK/theirs"
        for _ in $(seq "$ROUNDS"); do
            load "$NODE" "$URL${PATHS[$name]}" "${header[@]}" >>"$WORK/ours"
            load "$NGINX" "$NGINX_URL/$name.html" "${header[@]}" >>"$WORK/theirs"
        done
        for side in ours theirs; do
            label=freehold; [ $side = theirs ] && label=nginx
            row "$name $form $label" "$(median 1 "$WORK/$side")" "$(median 2 "$WORK/$side")" "$(median 3 "$WORK/$side")" "$(median 4 "$WORK/$side")" "$(median 5 "$WORK/$side")"
        done
        ratio() { awk -v a="$(median "$1" "$WORK/ours")" -v b="$(median "$1" "$WORK/theirs")" 'BEGIN{printf "%.2f", b?a/b:0}'; }
        row "  ratio" "$(ratio 1)" "$(ratio 2)" "$(ratio 3)" "$(ratio 4)" ""
    done
done
