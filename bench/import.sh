#!/usr/bin/env bash
# A WordPress import without media: posts per second and peak memory.   bench/import.sh BINARY
# POSTS posts (1000) of WORDS words (400) with two comments each. MB=1024 makes longer texts instead, so that the file
# has about that size. FILE=… takes an export that is there. The file is written as a stream; so is it read.
. "$(dirname "$0")/lib.sh"
need python3
BINARY=${1:?usage: bench/import.sh BINARY}
WORDS=${WORDS:-400}
[ -z "${MB:-}" ] || WORDS=$((MB * 1000000 / POSTS / 6))
FILE=${FILE:-$WORK/export.xml}
DATA=${DATA_DIR:-$WORK/data}; mkdir -p "$DATA"
printf '%s\n' "$PASSWORD" | "$BINARY" --data "$DATA" setup --email $EMAIL --site-title Bench --host $HOST --start blank \
    --password-stdin >"$WORK/setup.log" 2>&1 || die "setup failed: $(cat "$WORK/setup.log")"

[ -e "$FILE" ] || python3 - "$POSTS" "$WORDS" >"$FILE" <<'PYTHON'
import random, sys
posts, words = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(7)
syllables = "ba co du fe ga hi ju ka lo mi na pe ri so tu va we zo".split()
vocabulary = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(20000)]
weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
cumulative = []
for w in weights: cumulative.append((cumulative[-1] if cumulative else 0) + w)
def text(n): return " ".join(rng.choices(vocabulary, cum_weights=cumulative, k=n))
out = sys.stdout.write
out('''<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Bench</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[ida]]></wp:author_login><wp:author_email><![CDATA[ida@example.net]]></wp:author_email><wp:author_display_name><![CDATA[Ida]]></wp:author_display_name></wp:author>
''')
for c in range(20):
    out(f'<wp:category><wp:term_id>{c+1}</wp:term_id><wp:category_nicename>c{c}</wp:category_nicename><wp:category_parent></wp:category_parent><wp:cat_name><![CDATA[Category {c}]]></wp:cat_name></wp:category>\n')
for n in range(1, posts + 1):
    day, month, year, hour = n % 28 + 1, n // 28 % 12 + 1, 2010 + n % 14, n % 24
    at = f"{year}-{month:02}-{day:02} {hour:02}:00:00"
    body, left = [], words
    while left > 0:
        k = min(left, 60); left -= k
        body.append(f"<!-- wp:paragraph -->\n<p>{text(k)} <strong>{text(2)}</strong> <a href=\"https://old.example/?p={n//2+1}\">{text(2)}</a></p>\n<!-- /wp:paragraph -->")
    comments = "".join(f'''<wp:comment><wp:comment_id>{n*2+i}</wp:comment_id><wp:comment_author><![CDATA[Olaf]]></wp:comment_author><wp:comment_author_email>olaf@example.net</wp:comment_author_email><wp:comment_date_gmt>{at}</wp:comment_date_gmt><wp:comment_content><![CDATA[{text(20)}]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_type>comment</wp:comment_type><wp:comment_parent>0</wp:comment_parent></wp:comment>''' for i in range(2))
    out(f'''<item><title><![CDATA[{text(5).capitalize()} {n}]]></title><link>https://old.example/{year}/{month:02}/{day:02}/post-{n}/</link><dc:creator><![CDATA[ida]]></dc:creator>
<content:encoded><![CDATA[{chr(10).join(body)}]]></content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{n}</wp:post_id>
<wp:post_date_gmt>{at}</wp:post_date_gmt><wp:comment_status>open</wp:comment_status><wp:post_name>post-{n}</wp:post_name><wp:status>publish</wp:status><wp:post_parent>0</wp:post_parent>
<wp:post_type>post</wp:post_type><category domain="category" nicename="c{n%20}"><![CDATA[Category {n%20}]]></category><category domain="post_tag" nicename="t{n%97}"><![CDATA[Tag {n%97}]]></category>{comments}</item>
''')
out('</channel></rss>\n')
PYTHON

python3 - "$FILE" "$POSTS" "$BINARY" --data "$DATA" --json import wxr "$FILE" --site $HOST --media skip <<'PYTHON'
import json, os, resource, subprocess, sys, time
file, posts, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
begun = time.monotonic()
done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
took = time.monotonic() - begun
if done.returncode: sys.exit(done.stderr.decode()[-2000:])
made = json.loads(done.stdout)["kinds"].get("post", {}).get("made", 0)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"{'file MB':>10}{'posts':>10}{'seconds':>10}{'posts/s':>10}{'peak MB':>10}")
print(f"{os.path.getsize(file) / 1e6:>10.1f}{made:>10}{took:>10.1f}{made / took:>10.0f}{peak:>10.0f}")
PYTHON
