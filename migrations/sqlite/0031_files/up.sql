-- Files of accounts: what an account holds, what lies in its trash, earlier versions of texts, uploads on their way.
CREATE TABLE file_usage (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  is_exact BOOLEAN NOT NULL,
  counted_at INTEGER NOT NULL
);
CREATE TABLE file_trash (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  kind TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  deleted_by INTEGER NOT NULL,
  deleted_at INTEGER NOT NULL
);
CREATE INDEX file_trash_account ON file_trash (account_id, id);
CREATE TABLE file_versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL
);
CREATE INDEX file_versions_path ON file_versions (account_id, path, id);
CREATE INDEX file_versions_hash ON file_versions (account_id, hash);
CREATE TABLE file_uploads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  clash TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL
);
CREATE INDEX file_uploads_account ON file_uploads (account_id, id);
