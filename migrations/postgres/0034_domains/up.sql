-- A name is shown to be its owner's before it is served; what was looked up about it is kept.
-- kind: 'main', 'alias', 'redirect' (to the main one) or 'wildcard' (every name below it).
-- state: 'live' (served) or 'pending' (a claim that nobody has shown to be right yet). A name is live once; claims on
-- one name may be several. becomes: 'main' where a pending name is to be the main one. proof: how it was shown.
-- turned: the name without '*.', letter by letter from its end: names below one another stand together.
ALTER TABLE site_domains ADD COLUMN state TEXT NOT NULL DEFAULT 'live';
ALTER TABLE site_domains ADD COLUMN becomes TEXT NOT NULL DEFAULT '';
ALTER TABLE site_domains ADD COLUMN proof TEXT NOT NULL DEFAULT '';
ALTER TABLE site_domains ADD COLUMN proof_token TEXT NOT NULL DEFAULT '';
ALTER TABLE site_domains ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE site_domains ADD COLUMN points TEXT NOT NULL DEFAULT '';
ALTER TABLE site_domains ADD COLUMN looked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE site_domains ADD COLUMN turned TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE site_domains SET turned = reverse(host);
ALTER TABLE site_domains DROP CONSTRAINT site_domains_host_key;
ALTER TABLE site_domains ADD CONSTRAINT site_domains_site_host UNIQUE (site_id, host);
CREATE UNIQUE INDEX site_domains_live ON site_domains (host) WHERE state = 'live';
CREATE INDEX site_domains_host ON site_domains (host, id);
CREATE INDEX site_domains_turned ON site_domains (turned);

-- kind: 'setup' (who sees what) or 'health'.
CREATE TABLE domain_looks (
  site_id BIGINT NOT NULL,
  domain_id BIGINT NOT NULL REFERENCES site_domains (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  found TEXT NOT NULL,
  looked_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, domain_id, kind)
);
CREATE INDEX domain_looks_domain ON domain_looks (domain_id);
