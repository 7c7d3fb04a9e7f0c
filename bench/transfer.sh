# Shared by sftp.sh and webdav.sh: what is moved, and how it is timed.

BYTES_MB=${BYTES_MB:-1024}
FILES=${FILES:-10000}
LOGIN=bench
ROUNDS=${ROUNDS:-3}

# One large file and a tree of many small ones, both made once. Sets LARGE and SMALL.
make_files() {
    LARGE=$WORK/large.bin; SMALL=$WORK/small
    head -c "${BYTES_MB}M" /dev/urandom >"$LARGE"
    python3 - "$SMALL" "$FILES" <<'PY'
import os, sys
root, count = sys.argv[1], int(sys.argv[2])
for n in range(count):
    folder = os.path.join(root, str(n % 100))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{n}.txt"), "wb") as f:
        f.write(os.urandom(500 + n * 37 % 7500))
PY
}

# A node with doors to files and a login. Sets DATA, NODE, SFTP_PORT, DAV_PORT.
start_doors() { # BINARY
    POSTS=1
    prepare "$1"
    SFTP_PORT=$(free_port); DAV_PORT=$(free_port)
    printf '%s\n' "$PASSWORD" | "$1" --data "$DATA" login create $LOGIN --site $HOST --services sftp,webdav --password-stdin >"$WORK/login.log" 2>&1 \
        || die "no login: $(cat "$WORK/login.log")"
    start_node "$1" FREEHOLD__SFTP=$HOST:"$SFTP_PORT" FREEHOLD__WEBDAV=$HOST:"$DAV_PORT" FREEHOLD__LIMITS__KEEP_FREE_PERCENT=0
}

# Seconds that a command takes, with the disk's caches of writing emptied before it.
timed() {
    sync
    local before after
    before=$(date +%s.%N)
    "$@" >"$WORK/command.log" 2>&1 || die "$* failed: $(tail -3 "$WORK/command.log")"
    after=$(date +%s.%N)
    awk "BEGIN{printf \"%.3f\", $after - $before}"
}

# Runs ours and theirs in turn, and prints the medians and their ratio (theirs / ours: above 1 we are faster).
compare() { # WHAT OURS THEIRS   (names of functions)
    : >"$WORK/ours"; : >"$WORK/theirs"
    for ROUND in $(seq "$ROUNDS"); do # the functions name what they make by it
        echo "$(timed "$2")" >>"$WORK/ours"
        echo "$(timed "$3")" >>"$WORK/theirs"
    done
    local ours theirs; ours=$(median 1 "$WORK/ours"); theirs=$(median 1 "$WORK/theirs")
    awk -v w="$1" -v o="$ours" -v t="$theirs" 'BEGIN{printf "%-34s %9.2f s %9.2f s %8.2f\n", w, o, t, t/o}'
}
