-- A name is shown to be its owner's before it is served; what was looked up about it is kept.
-- kind: 'main', 'alias', 'redirect' (to the main one) or 'wildcard' (every name below it).
-- state: 'live' (served) or 'pending' (a claim that nobody has shown to be right yet). A name is live once; claims on
-- one name may be several. becomes: 'main' where a pending name is to be the main one. proof: how it was shown.
-- turned: the name without '*.', letter by letter from its end: names below one another stand together.
CREATE TABLE new_site_domains (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  host TEXT NOT NULL,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'live',
  becomes TEXT NOT NULL DEFAULT '',
  proof TEXT NOT NULL DEFAULT '',
  proof_token TEXT NOT NULL DEFAULT '',
  proved_at INTEGER NOT NULL DEFAULT 0,
  points TEXT NOT NULL DEFAULT '',
  looked_at INTEGER NOT NULL DEFAULT 0,
  turned TEXT NOT NULL DEFAULT '',
  UNIQUE (site_id, host)
);
INSERT INTO new_site_domains (id, site_id, host, kind, created_at, turned)
  SELECT id, site_id, host, kind, created_at, (
    WITH RECURSIVE letters (place, text) AS (
      SELECT length(d.host), ''
      UNION ALL
      SELECT place - 1, text || substr(d.host, place, 1) FROM letters WHERE place > 0
    )
    SELECT text FROM letters WHERE place = 0
  ) FROM site_domains d ORDER BY id;
DROP TABLE site_domains;
ALTER TABLE new_site_domains RENAME TO site_domains;
CREATE INDEX site_domains_site ON site_domains (site_id, id);
CREATE UNIQUE INDEX site_domains_live ON site_domains (host) WHERE state = 'live';
CREATE INDEX site_domains_host ON site_domains (host, id);
CREATE INDEX site_domains_turned ON site_domains (turned);

-- kind: 'setup' (who sees what) or 'health'.
CREATE TABLE domain_looks (
  site_id INTEGER NOT NULL,
  domain_id INTEGER NOT NULL REFERENCES site_domains (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  found TEXT NOT NULL,
  looked_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, domain_id, kind)
);
CREATE INDEX domain_looks_domain ON domain_looks (domain_id);
