-- What files of themes said before they were changed in the panel, and what a parent's file said when a child took it
-- over. site_id 0: a theme for all sites.
CREATE TABLE theme_states (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL,
  theme TEXT NOT NULL,
  path TEXT NOT NULL,
  text TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL
);
CREATE INDEX theme_states_file ON theme_states (site_id, theme, path, id);

CREATE TABLE theme_bases (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL,
  theme TEXT NOT NULL,
  path TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE UNIQUE INDEX theme_bases_file ON theme_bases (site_id, theme, path);
