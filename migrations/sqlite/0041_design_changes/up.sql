-- How a site may look next, and how it looked: settings of its themes that are tried out, and those that were live.
-- changes: values by setting; steps: what the last changes were, to take them back. A version never comes again.
CREATE TABLE design_drafts (
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  theme TEXT NOT NULL,
  version INTEGER NOT NULL,
  changes TEXT NOT NULL,
  steps TEXT NOT NULL,
  updated_by INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  publish_at INTEGER NOT NULL,
  publish_by INTEGER NOT NULL,
  share_number INTEGER NOT NULL,
  share_until INTEGER NOT NULL,
  PRIMARY KEY (site_id, theme)
);

-- how: before, publish, schedule, undo or restore.
CREATE TABLE design_states (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  theme TEXT NOT NULL,
  settings TEXT NOT NULL,
  how TEXT NOT NULL,
  published_by INTEGER NOT NULL,
  published_at INTEGER NOT NULL
);
CREATE INDEX design_states_site ON design_states (site_id, id);
