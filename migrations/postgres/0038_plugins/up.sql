-- Plugins: what the hosting admin let in, which sites use them with which settings, and what they keep for a site.
-- state: 'held' (waits for a person), 'enabled', or 'stopped' (by a person, or because it failed: see reason).
-- granted: JSON, the capabilities and hosts that a person agreed to; empty before that. waiting: JSON, a newer version
-- that waits for a person while this one runs; empty for none.
CREATE TABLE plugins (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  version TEXT NOT NULL,
  publisher TEXT NOT NULL,
  digest TEXT NOT NULL,
  granted TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  waiting TEXT NOT NULL DEFAULT '',
  installed_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- A site that has used a plugin. secrets: JSON, each sealed with the key outside the database. kept_bytes: of its
-- values, kept with each change.
CREATE TABLE plugin_sites (
  site_id BIGINT NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  plugin_id TEXT COLLATE "C" NOT NULL,
  is_on BOOLEAN NOT NULL,
  settings TEXT NOT NULL DEFAULT '{}',
  secrets TEXT NOT NULL DEFAULT '{}',
  kept_bytes BIGINT NOT NULL DEFAULT 0,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, plugin_id)
);
CREATE INDEX plugin_sites_plugin ON plugin_sites (plugin_id, site_id);

CREATE TABLE plugin_values (
  site_id BIGINT NOT NULL,
  plugin_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (site_id, plugin_id, name)
);
