#!/usr/bin/env bash
# SFTP against OpenSSH's sftp-server on the same disk: 1 GB up and down by `sftp`, 10,000 small files up and down by
# `rclone copy`.   bench/sftp.sh BINARY      (BYTES_MB, FILES, ROUNDS; DATA_DIR on the disk that is meant)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/transfer.sh"
need sftp sshd ssh-keygen rclone python3
BINARY=${1:?usage: bench/sftp.sh BINARY}
make_files
start_doors "$BINARY"

# One key opens both doors.
ssh-keygen -q -t ed25519 -N '' -C bench -f "$WORK/key"
"$BINARY" --data "$DATA" login add-key $LOGIN --site $HOST --key "$(cat "$WORK/key.pub")" >/dev/null 2>&1 || die "the key is not taken"

# An sshd of our own, as this user, on a free port, with the same cipher for both.
THEIR_PORT=$(free_port)
THEIR_HOME=$(dirname "$DATA")/their-home; mkdir -p "$THEIR_HOME"
ssh-keygen -q -t ed25519 -N '' -f "$WORK/host"
cp "$WORK/key.pub" "$WORK/authorized"; chmod 600 "$WORK/authorized"
cat >"$WORK/sshd.conf" <<CONF
Port $THEIR_PORT
ListenAddress $HOST
HostKey $WORK/host
PidFile $WORK/sshd.pid
AuthorizedKeysFile $WORK/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
Subsystem sftp internal-sftp -d $THEIR_HOME
CONF
mkdir -p /run/sshd 2>/dev/null || true
"$(command -v sshd)" -D -f "$WORK/sshd.conf" 2>"$WORK/sshd.log" & STARTED+=($!)
sleep 1

CIPHER=${CIPHER:-aes256-gcm@openssh.com}
options=(-q -i "$WORK/key" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o "Ciphers=$CIPHER" -F /dev/null)
our_sftp() { sftp "${options[@]}" -P "$SFTP_PORT" -b - $LOGIN@$HOST; }
their_sftp() { sftp "${options[@]}" -P "$THEIR_PORT" -b - "$(id -un)@$HOST"; }
our_up() { our_sftp <<<"put $LARGE large.bin"; }
their_up() { their_sftp <<<"put $LARGE large.bin"; }
our_down() { our_sftp <<<"get large.bin $WORK/back.bin"; }
their_down() { their_sftp <<<"get large.bin $WORK/back.bin"; }

remote() { # PORT USER
    echo ":sftp,host=$HOST,port=$1,user=$2,key_file=$WORK/key,shell_type=none,disable_hashcheck=true:"
}
export RCLONE_CONFIG=$WORK/rclone.conf
: >"$RCLONE_CONFIG"
copy() { rclone copy --retries 1 --no-traverse --ignore-times --transfers 8 "$@"; }
our_many_up() { copy "$SMALL" "$(remote "$SFTP_PORT" $LOGIN)many$ROUND"; }
their_many_up() { copy "$SMALL" "$(remote "$THEIR_PORT" "$(id -un)")$THEIR_HOME/many$ROUND"; }
our_many_down() { rm -rf "$WORK/got"; copy "$(remote "$SFTP_PORT" $LOGIN)many1" "$WORK/got"; }
their_many_down() { rm -rf "$WORK/got"; copy "$(remote "$THEIR_PORT" "$(id -un)")$THEIR_HOME/many1" "$WORK/got"; }

printf '%-34s %11s %11s %8s\n' "SFTP ($CIPHER)" ours OpenSSH ratio
compare "up: $BYTES_MB MB" our_up their_up
compare "down: $BYTES_MB MB" our_down their_down
cmp "$LARGE" "$WORK/back.bin" || die "what came back is not what went up"
compare "up: $FILES small files" our_many_up their_many_up
compare "down: $FILES small files" our_many_down their_many_down
diff -rq "$SMALL" "$WORK/got" >/dev/null || die "the small files are not the same"
printf 'memory of the node: %s MB\n' "$(pss_mb "$NODE")"
