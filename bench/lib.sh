# Shared by the bench scripts. Loopback only; everything that was started is stopped at the end, by its id.
set -euo pipefail
export LC_ALL=C

SECONDS_EACH=${SECONDS_EACH:-8}
ROUNDS=${ROUNDS:-3}
CONNECTIONS=${CONNECTIONS:-64}
POSTS=${POSTS:-1000}
EMAIL=bench@example.org
PASSWORD=bench-harbour-lantern-42
HOST=127.0.0.1
TICKS=$(getconf CLK_TCK)
WORK=$(mktemp -d)
STARTED=()

die() { echo "$*" >&2; exit 1; }
need() { for tool in "$@"; do command -v "$tool" >/dev/null || die "$tool is needed (Debian: apt-get install $tool)"; done; }

stop() { kill "$1" 2>/dev/null || return 0; wait "$1" 2>/dev/null || true; }
finish() {
    for pid in "${STARTED[@]:-}"; do [ -z "$pid" ] || stop "$pid"; done
    [ -n "${KEEP:-}" ] || rm -rf "$WORK"
}
trap finish EXIT

free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

wait_for() { # URL
    for _ in $(seq 500); do
        curl -fso /dev/null "$1" && return 0
        sleep 0.02
    done
    die "no answer from $1 (see $WORK/node.log)"
}

# A process and its children, the clock ticks they have used, their memory.
tree() { echo "$1"; local child; for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do tree "$child"; done; }
cpu_ticks() { local pid sum=0; for pid in $(tree "$1"); do sum=$((sum + $(awk '{print $14+$15}' "/proc/$pid/stat"))); done; echo $sum; }
pss_mb() { local pid sum=0; for pid in $(tree "$1"); do sum=$((sum + $(awk '/^Pss:/{print $2}' "/proc/$pid/smaps_rollup"))); done; awk "BEGIN{printf \"%.1f\", $sum/1024}"; }

# A data folder with an owner and $POSTS posts. Sets DATA. Reuses $DATA_DIR where it is given and filled.
prepare() { # BINARY
    DATA=${DATA_DIR:-$WORK/data}
    [ -e "$DATA/freehold.db" ] && return 0
    mkdir -p "$DATA"
    printf '%s\n' "$PASSWORD" | "$1" --data "$DATA" setup --email $EMAIL --site-title Bench --host $HOST --password-stdin >"$WORK/setup.log" 2>&1 \
        || die "setup failed: $(cat "$WORK/setup.log")"
    "$1" --data "$DATA" content seed --posts "$POSTS" --site $HOST >"$WORK/seed.log" 2>&1 \
        || die "seeding failed: $(cat "$WORK/seed.log")"
}

# Starts a node on free ports. Sets NODE (pid), URL, PANEL. Further arguments are NAME=VALUE of its environment.
start_node() { # BINARY [NAME=VALUE …]
    local binary=$1 port panel; shift
    port=$(free_port); panel=$(free_port)
    env "$@" "$binary" --data "$DATA" --listen $HOST:"$port" --panel $HOST:"$panel" >"$WORK/node.log" 2>&1 &
    NODE=$!; STARTED+=("$NODE"); URL=http://$HOST:$port; PANEL=http://localhost:$panel
    wait_for "$URL/"
}

# nginx serving $1 on a free port. Sets NGINX (pid), NGINX_URL.
start_nginx() { # ROOT
    local port; port=$(free_port)
    cat >"$WORK/nginx.conf" <<CONF
daemon off; worker_processes auto; pid $WORK/nginx.pid; error_log $WORK/nginx-error.log;
events { worker_connections 4096; }
http {
    types { text/html html; application/rss+xml xml; }
    client_body_temp_path $WORK/nt1; proxy_temp_path $WORK/nt2; fastcgi_temp_path $WORK/nt3;
    uwsgi_temp_path $WORK/nt4; scgi_temp_path $WORK/nt5;
    sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_timeout 75; keepalive_requests 1000000000;
    gzip_static on; etag on; open_file_cache max=1000 inactive=60s;
    access_log $WORK/nginx-access.log combined buffer=64k flush=1s;
    server { listen $HOST:$port; root $1; }
}
CONF
    nginx -c "$WORK/nginx.conf" 2>"$WORK/nginx.log" & NGINX=$!; STARTED+=("$NGINX"); NGINX_URL=http://$HOST:$port
    wait_for "$NGINX_URL/home.html"
}

# Loads an address and prints: requests/s, p50 ms, p99 ms, server CPU µs per request, errors.
load() { # PID URL [wrk arguments …]
    local pid=$1 url=$2 before after; shift 2
    before=$(cpu_ticks "$pid")
    wrk -t"${THREADS:-1}" -c"$CONNECTIONS" -d"${SECONDS_EACH}s" --latency "$@" "$url" >"$WORK/wrk.out" 2>&1 || die "$(cat "$WORK/wrk.out")"
    after=$(cpu_ticks "$pid")
    awk -v ticks=$((after - before)) -v hz="$TICKS" '
        function ms(t) { if (t ~ /us$/) return t/1000; if (t ~ /ms$/) return t+0; if (t ~ /m$/) return t*60000; return t*1000 }
        /^ +50%/ {p50=ms($2)} /^ +99%/ {p99=ms($2)} /requests in/ {n=$1} /^Requests\/sec/ {rps=$2}
        /Socket errors/ {gsub(",","");errors+=$4+$6+$8+$10} /Non-2xx/ {errors+=$NF}
        END {printf "%.*f %.3f %.3f %.2f %d\n", rps < 1000 ? 2 : 0, rps, p50, p99, n?ticks/hz*1e6/n:0, errors}' "$WORK/wrk.out"
}

# The median of column $1 of a file of `load` lines.
median() { awk -v c="$1" '{print $c}' "$2" | sort -n | awk '{a[NR]=$1} END {print NR%2 ? a[(NR+1)/2] : (a[NR/2]+a[NR/2+1])/2}'; }
row() { printf '%-26s %10s %9s %9s %9s %7s\n' "$@"; }
heading() { row what requests/s 'p50 ms' 'p99 ms' 'CPU µs' errors; }

# Loads one address $ROUNDS times and prints the medians.
report() { # NAME PID URL [wrk arguments …]
    local name=$1; shift
    : >"$WORK/lines"
    for _ in $(seq "$ROUNDS"); do load "$@" >>"$WORK/lines"; done
    row "$name" "$(median 1 "$WORK/lines")" "$(median 2 "$WORK/lines")" "$(median 3 "$WORK/lines")" "$(median 4 "$WORK/lines")" "$(median 5 "$WORK/lines")"
}

# Paths of the seeded site: PATH_single and PATH_archive, found in its own feed and home page.
find_paths() {
    local page; page=$(curl -fs "$URL/feed/")
    PATH_single=${SINGLE_PATH:-$(grep -o '<link>[^<]*</link>' <<<"$page" | sed -n '2s|<link>[a-z]*://[^/]*\(.*\)</link>|\1|p')}
    PATH_archive=${ARCHIVE_PATH:-$(curl -fs "$URL$PATH_single" | grep -o 'href="[^"]*/category/[^"]*"' | head -1 | sed 's|href="||; s|"$||; s|^[a-z]*://[^/]*||')}
    [ -n "$PATH_single" ] || die "no post found in $URL/feed/ (set SINGLE_PATH)"
    [ -n "$PATH_archive" ] || die "no category found on $PATH_single (set ARCHIVE_PATH)"
}
