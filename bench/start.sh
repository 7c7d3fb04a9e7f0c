#!/usr/bin/env bash
# From starting the program to its first answered page, and memory at rest.   bench/start.sh BINARY
. "$(dirname "$0")/lib.sh"
need curl python3
BINARY=${1:?usage: bench/start.sh BINARY}
prepare "$BINARY"
for _ in $(seq "$ROUNDS"); do
    python3 - "$BINARY" "$DATA" "$(free_port)" "$(free_port)" <<'PY'
import socket, subprocess, sys, time
binary, data, port, panel = sys.argv[1:]
began = time.perf_counter()
node = subprocess.Popen([binary, "--data", data, "--listen", f"127.0.0.1:{port}", "--panel", f"127.0.0.1:{panel}"],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    while True:
        try:
            peer = socket.create_connection(("127.0.0.1", int(port)), timeout=5)
        except ConnectionRefusedError:
            if node.poll() is not None: sys.exit("the node ended")
            time.sleep(0.0005); continue
        peer.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        status = peer.recv(12)
        print(f"first page after {(time.perf_counter() - began) * 1000:.1f} ms ({status.decode()})")
        break
finally:
    node.terminate(); node.wait()
PY
done
start_node "$BINARY"
sleep 3
echo "PSS at rest: $(pss_mb "$NODE") MB"
