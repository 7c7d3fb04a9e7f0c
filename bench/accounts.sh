#!/usr/bin/env bash
# A full house: many accounts with many names.   bench/accounts.sh BINARY
# ACCOUNTS (1000) with a site of files and five names each are made by the command line (about two minutes; DATA_DIR
# keeps them). Then: memory at rest after a start, the list of accounts, all sites, domains and the overview in the
# panel, and how long it takes until a name that is added answers.
. "$(dirname "$0")/lib.sh"
need curl python3 wrk
BINARY=${1:?usage: bench/accounts.sh BINARY}
ACCOUNTS=${ACCOUNTS:-1000}
POSTS=10 prepare "$BINARY"; start_node "$BINARY" FREEHOLD__LIMITS__KEEP_FREE_PERCENT=0
python3 - "$BINARY" "$DATA" "$ACCOUNTS" <<'PYTHON'
import json, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
binary, data, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
def run(*words):
    done = subprocess.run([binary, "--data", data, "--json", *words], capture_output=True, text=True)
    if done.returncode: sys.exit(f"{words}: {done.stderr}")
    return json.loads(done.stdout or "null")
def furnish(n):
    title = f"Customer {n:05}"
    account = run("account", "create", title)
    run("site", "create", "--kind", "static", "--title", title, "--host", f"c{n}.localhost", "--account", str(account["id"]))
    for word in "abcd": run("domain", "add", f"{word}-c{n}.localhost", "--site", f"c{n}.localhost")
have = len([s for s in run("site", "list")]) - 1
with ThreadPoolExecutor(2) as pool: list(pool.map(furnish, range(max(have, 0), wanted)))
PYTHON
stop "$NODE"; start_node "$BINARY"
sleep 5
echo "$ACCOUNTS accounts, $((ACCOUNTS * 5)) names; PSS at rest $(pss_mb "$NODE") MB, RSS $(awk '/^VmRSS:/{printf "%.1f", $2/1024}' /proc/"$NODE"/status) MB"
python3 - "$BINARY" "$DATA" "$URL" "$ROUNDS" <<'PYTHON'
import http.client, subprocess, sys, time
binary, data, url, rounds = sys.argv[1], sys.argv[2], sys.argv[3].split("//")[1], int(sys.argv[4])
def status(name):
    c = http.client.HTTPConnection(url); c.request("GET", "/", headers={"Host": name}); return c.getresponse().status
took = []
for n in range(rounds):
    name, begun = f"new-{n}-{int(time.time())}.localhost", time.time()
    subprocess.run([binary, "--data", data, "domain", "add", name, "--kind", "alias", "--site", "c1.localhost"], check=True, capture_output=True)
    while status(name) == 404: time.sleep(0.001)
    took.append(time.time() - begun)
print(f"a name is added and answers after {sorted(took)[len(took) // 2] * 1000:.0f} ms, the command's own start with it")
PYTHON
stop "$NODE"
DATA_DIR=$DATA "$(dirname "$0")/panel.sh" "$BINARY" /admin/server/accounts "/admin/server/accounts?q=00777" /admin/server /admin/server/sites /admin/server/domains
