#!/usr/bin/env bash
# WebDAV against Apache's mod_dav on the same disk: 1 GB up and down by `curl`, 10,000 small files up and down by
# `rclone copy`.   bench/webdav.sh BINARY      (BYTES_MB, FILES, ROUNDS; DATA_DIR on the disk that is meant)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/transfer.sh"
need curl apache2 rclone python3
BINARY=${1:?usage: bench/webdav.sh BINARY}
make_files
start_doors "$BINARY"

# An Apache of our own, as this user, on a free port. It asks for a password as we do, with a cheap hash.
THEIR_PORT=$(free_port)
THEIR_HOME=$(dirname "$DATA")/their-home; mkdir -p "$THEIR_HOME"
MODULES=$(dirname "$(find /usr/lib/apache2 -name mod_dav.so | head -1)")
[ -d "$MODULES" ] || die "mod_dav is needed (Debian: apt-get install apache2)"
# As root Apache serves as another user, who must reach the folder.
AS=$(id -un); if [ "$(id -u)" = 0 ]; then AS=www-data; chmod 755 "$WORK"; chown -R $AS "$THEIR_HOME"; mkdir -p "$WORK/lock"; chown $AS "$WORK/lock"; else mkdir -p "$WORK/lock"; fi
printf '%s:{SHA}%s\n' $LOGIN "$(printf %s "$PASSWORD" | python3 -c 'import base64,hashlib,sys; print(base64.b64encode(hashlib.sha1(sys.stdin.buffer.read()).digest()).decode())')" >"$WORK/htpasswd"
{
    for m in mpm_event authn_core authn_file authz_core authz_user auth_basic dav dav_fs dav_lock; do
        [ ! -e "$MODULES/mod_$m.so" ] || echo "LoadModule ${m}_module $MODULES/mod_$m.so"
    done
    cat <<CONF
ServerName localhost
Listen $HOST:$THEIR_PORT
PidFile $WORK/apache.pid
ErrorLog $WORK/apache-error.log
User $AS
Group $(id -gn "$AS")
DocumentRoot $THEIR_HOME
DavLockDB $WORK/lock/db
KeepAlive On
MaxKeepAliveRequests 0
<Directory $THEIR_HOME>
    Dav On
    AuthType Basic
    AuthName bench
    AuthUserFile $WORK/htpasswd
    Require valid-user
</Directory>
CONF
} >"$WORK/apache.conf"
chmod 644 "$WORK/htpasswd"
apache2 -D FOREGROUND -f "$WORK/apache.conf" 2>"$WORK/apache.log" & STARTED+=($!)
sleep 1

OURS=http://$HOST:$DAV_PORT THEIRS=http://$HOST:$THEIR_PORT
both=$LOGIN:$PASSWORD
up() { curl -fsS -u "$both" -T "$LARGE" "$1/large.bin"; }
down() { curl -fsS -u "$both" -o "$WORK/back.bin" "$1/large.bin"; }
our_up() { up "$OURS"; }
their_up() { up "$THEIRS"; }
our_down() { down "$OURS"; }
their_down() { down "$THEIRS"; }

export RCLONE_CONFIG=$WORK/rclone.conf
: >"$RCLONE_CONFIG"
HIDDEN=$(rclone obscure "$PASSWORD")
remote() { echo ":webdav,url='$1',user=$LOGIN,pass=$HIDDEN,vendor=other:"; }
# curl sends as fast as it is answered. rclone keeps to 100 requests a second by WebDAV whatever the server does, four
# to a file: it copies only some of the folders (RCLONE_FOLDERS of 100).
many_by_curl() { # URL: eight at once, into a new folder
    curl -fsS -u "$both" -X MKCOL "$1/curl$ROUND"
    find "$SMALL" -type f | awk -v to="$1/curl$ROUND" '{n = split($0, a, "/"); printf "upload-file = \"%s\"\nurl = \"%s/%s\"\n", $0, to, a[n]}' >"$WORK/list"
    curl -fsSZ --parallel-max 8 -u "$both" -K "$WORK/list"
}
our_curl() { many_by_curl "$OURS"; }
their_curl() { many_by_curl "$THEIRS"; }
FEW=$WORK/few; mkdir "$FEW"
for n in $(seq 0 $((${RCLONE_FOLDERS:-5} - 1))); do cp -r "$SMALL/$n" "$FEW/"; done
copy() { rclone copy --retries 1 --no-traverse --ignore-times --transfers 8 "$@"; }
our_many_up() { copy "$FEW" "$(remote "$OURS")many$ROUND"; }
their_many_up() { copy "$FEW" "$(remote "$THEIRS")many$ROUND"; }
our_many_down() { rm -rf "$WORK/got"; copy "$(remote "$OURS")many1" "$WORK/got"; }
their_many_down() { rm -rf "$WORK/got"; copy "$(remote "$THEIRS")many1" "$WORK/got"; }

printf '%-34s %11s %11s %8s\n' WebDAV ours Apache ratio
compare "up: $BYTES_MB MB" our_up their_up
compare "down: $BYTES_MB MB" our_down their_down
cmp "$LARGE" "$WORK/back.bin" || die "what came back is not what went up"
compare "up: $FILES small files, curl" our_curl their_curl
compare "up: some of them, rclone" our_many_up their_many_up
compare "down: the same, rclone" our_many_down their_many_down
diff -rq "$FEW" "$WORK/got" >/dev/null || die "the small files are not the same"
printf 'memory of the node: %s MB\n' "$(pss_mb "$NODE")"
