-- Passkeys, proof anew before what cannot be taken back, browsers that are known, networks that are kept out.
ALTER TABLE users ADD COLUMN passkeys INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT 0;
-- Networks that a token may be used from, with spaces between; empty: any.
ALTER TABLE tokens ADD COLUMN addresses TEXT NOT NULL DEFAULT '';

CREATE TABLE passkeys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  credential_id TEXT NOT NULL UNIQUE,
  credential TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- What the server keeps between the start and the end of using a passkey. purpose: 'add', 'sign_in', 'second', 'confirm'.
CREATE TABLE ceremonies (
  token_hash TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  network TEXT NOT NULL,
  state TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX ceremonies_network ON ceremonies (network, expires_at);
CREATE INDEX ceremonies_expires ON ceremonies (expires_at);

-- Browsers that a person signed in with.
CREATE TABLE known_devices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  device_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  UNIQUE (user_id, device_hash)
);

-- Networks that an admin keeps out of every sign-in.
CREATE TABLE blocked_networks (
  network TEXT NOT NULL PRIMARY KEY,
  blocked_by INTEGER NOT NULL,
  blocked_at INTEGER NOT NULL
);

-- A form that waits until its person proved anew that it is them.
CREATE TABLE held_forms (
  token_hash TEXT NOT NULL PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  doing TEXT NOT NULL,
  sealed TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX held_forms_session ON held_forms (session_id);
CREATE INDEX sign_in_failures_failed ON sign_in_failures (failed_at);
