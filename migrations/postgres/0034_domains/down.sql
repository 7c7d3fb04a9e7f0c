-- Claims and wildcards have no place in the older release.
DROP TABLE domain_looks;
DELETE FROM site_domains WHERE state <> 'live' OR kind = 'wildcard';
DROP INDEX site_domains_live;
DROP INDEX site_domains_host;
DROP INDEX site_domains_turned;
ALTER TABLE site_domains DROP CONSTRAINT site_domains_site_host;
ALTER TABLE site_domains ADD CONSTRAINT site_domains_host_key UNIQUE (host);
ALTER TABLE site_domains DROP COLUMN turned;
ALTER TABLE site_domains DROP COLUMN looked_at;
ALTER TABLE site_domains DROP COLUMN points;
ALTER TABLE site_domains DROP COLUMN proved_at;
ALTER TABLE site_domains DROP COLUMN proof_token;
ALTER TABLE site_domains DROP COLUMN proof;
ALTER TABLE site_domains DROP COLUMN becomes;
ALTER TABLE site_domains DROP COLUMN state;
