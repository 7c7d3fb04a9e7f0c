-- Claims and wildcards have no place in the older release.
DROP TABLE domain_looks;
CREATE TABLE old_site_domains (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  host TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
INSERT INTO old_site_domains (id, site_id, host, kind, created_at)
  SELECT id, site_id, host, kind, created_at FROM site_domains WHERE state = 'live' AND kind <> 'wildcard' ORDER BY id;
DROP TABLE site_domains;
ALTER TABLE old_site_domains RENAME TO site_domains;
CREATE INDEX site_domains_site ON site_domains (site_id, id);
