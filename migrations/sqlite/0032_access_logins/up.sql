-- Logins to the files of accounts by SFTP, WebDAV and FTP, the SSH keys of logins and people, and what WebDAV
-- programs say about files.

CREATE TABLE access_logins (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL UNIQUE,
  home TEXT NOT NULL,
  read_only BOOLEAN NOT NULL,
  services TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_scheme TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  used_from TEXT NOT NULL
);
CREATE INDEX access_logins_account ON access_logins (account_id);

CREATE TABLE login_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  login_id INTEGER NOT NULL REFERENCES access_logins (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  public_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  used_from TEXT NOT NULL,
  UNIQUE (login_id, fingerprint)
);
CREATE INDEX login_keys_account ON login_keys (account_id);

CREATE TABLE user_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  public_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  used_from TEXT NOT NULL,
  UNIQUE (user_id, fingerprint)
);

-- Dead properties of WebDAV: path below the account's home, namespace and name, the element as it came.
CREATE TABLE dav_properties (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  element TEXT NOT NULL,
  PRIMARY KEY (account_id, path, namespace, name)
);
