#!/usr/bin/env bash
# Unpacking a zip of many files by a node beside `unzip`, on the same disk, in turns.   bench/unzip.sh BINARY [FILES] [MB]
# Both times end when everything is on the disk. Default: 50,000 files with 1,000 MB in all.
. "$(dirname "$0")/lib.sh"
need curl python3 unzip
BINARY=${1:?usage: bench/unzip.sh BINARY [FILES] [MB]}
FILES=${2:-50000}
MB=${3:-1000}
POSTS=1
prepare "$BINARY"
start_node "$BINARY"
"$BINARY" --data "$DATA" file list 1 >/dev/null
python3 - "$WORK/many.zip" "$FILES" "$MB" <<'PY'
import random, sys, zipfile
name, files, mb = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(1)
words = [bytes(random.choices(b"abcdefghijklmnopqrstuvwxyz", k=random.randint(2, 9))) for _ in range(4000)]
each = mb * 1_000_000 // files
pool = b" ".join(random.choices(words, k=400_000))
with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
    for n in range(files):
        at = random.randrange(len(pool) - each) if each < len(pool) else 0
        z.writestr(f"folder{n % 200}/file{n}.txt", (pool[at:at + each] * (each // len(pool) + 1))[:each])
PY
echo "zip: $(stat -c %s "$WORK/many.zip") bytes, $FILES files"
"$BINARY" --data "$DATA" file put 1 "$WORK/many.zip" many.zip >/dev/null
now() { date +%s%N; }
for round in $(seq "$ROUNDS"); do
    mkdir "$WORK/theirs"
    sync; start=$(now)
    unzip -q "$WORK/many.zip" -d "$WORK/theirs"; sync -f "$WORK/theirs"
    theirs=$((($(now) - start) / 1000000))
    rm -rf "$WORK/theirs"
    sync; start=$(now)
    job=$("$BINARY" --data "$DATA" file unpack 1 many.zip)
    while :; do
        state=$("$BINARY" --data "$DATA" job show "$job" | awk -F'"' '$2 == "state" {print $4}')
        [ "$state" = done ] && break
        [ "$state" = failed ] && die "the job failed: $("$BINARY" --data "$DATA" job show "$job")"
        sleep 0.05
    done
    ours=$((($(now) - start) / 1000000))
    "$BINARY" --data "$DATA" file trash 1 many >/dev/null
    echo "round $round: unzip $theirs ms, freehold $ours ms, ratio $(awk "BEGIN{printf \"%.2f\", $theirs/$ours}")"
done
