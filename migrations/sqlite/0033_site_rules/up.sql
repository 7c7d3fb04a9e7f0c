-- What a site answers before its pages or files are looked at: redirects, headers, folders with a password.

-- how: 'exact', 'prefix' or 'pattern'.
CREATE TABLE site_redirects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id),
  how TEXT NOT NULL,
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  status INTEGER NOT NULL,
  keep_query BOOLEAN NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (site_id, how, source)
);

CREATE TABLE site_headers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id),
  prefix TEXT NOT NULL,
  ending TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (site_id, prefix, ending, name)
);

CREATE TABLE private_folders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id),
  prefix TEXT NOT NULL,
  title TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (site_id, prefix)
);

CREATE TABLE private_folder_users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id),
  folder_id INTEGER NOT NULL REFERENCES private_folders (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_scheme TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (site_id, folder_id, name)
);
CREATE INDEX private_folder_users_folder ON private_folder_users (folder_id);
