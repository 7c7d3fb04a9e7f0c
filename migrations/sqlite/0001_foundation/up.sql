-- The tables of the foundation: people and rights, sites, content, media, talk, navigation, jobs, audit.

CREATE TABLE installation (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- Entries, media and menu items draw from one sequence: WordPress clients need it.
CREATE TABLE content_ids (
  id INTEGER NOT NULL PRIMARY KEY,
  next INTEGER NOT NULL
);
INSERT INTO content_ids (id, next) VALUES (1, 1);

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  bio TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_scheme TEXT NOT NULL,
  status TEXT NOT NULL,
  locale TEXT NOT NULL,
  appearance TEXT NOT NULL,
  totp_sealed TEXT NOT NULL,
  totp_pending TEXT NOT NULL,
  totp_last_step INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  signed_in_at INTEGER NOT NULL
);

CREATE TABLE recovery_codes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  used_at INTEGER NOT NULL
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- scope: 'server' (scope_id 0), 'account' or 'site'.
CREATE TABLE held_roles (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  scope_id INTEGER NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (user_id, scope, scope_id)
);
CREATE INDEX held_roles_scope ON held_roles (scope, scope_id);

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  half BOOLEAN NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  site_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  used_from TEXT NOT NULL
);
CREATE INDEX tokens_user ON tokens (user_id);

-- kind: 'reset' or 'invite'.
CREATE TABLE one_time_links (
  token_hash TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);

-- Failed sign-ins by 'email:…' and 'net:…'; old rows are pruned.
CREATE TABLE sign_in_failures (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL,
  failed_at INTEGER NOT NULL
);
CREATE INDEX sign_in_failures_subject ON sign_in_failures (subject, failed_at);

-- One chain per account ('account:7') and one for the installation ('server').
CREATE TABLE audit_rows (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chain TEXT NOT NULL,
  position INTEGER NOT NULL,
  site_id INTEGER NOT NULL,
  actor TEXT NOT NULL,
  actor_id INTEGER NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  address TEXT NOT NULL,
  acted_at INTEGER NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (chain, position)
);
CREATE INDEX audit_rows_site ON audit_rows (site_id, id);
CREATE TABLE audit_heads (
  chain TEXT NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL,
  hash TEXT NOT NULL
);

CREATE TABLE sites (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX sites_account ON sites (account_id, id);

-- kind: 'main', 'alias' or 'redirect' (to the main one).
CREATE TABLE site_domains (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  host TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX site_domains_site ON site_domains (site_id, id);

-- site_id 0: the installation's own.
CREATE TABLE settings (
  site_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (site_id, name)
);

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  done INTEGER NOT NULL,
  total INTEGER NOT NULL,
  message TEXT NOT NULL,
  result TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  lease_token TEXT NOT NULL,
  cancel_asked BOOLEAN NOT NULL,
  unique_key TEXT UNIQUE,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_site ON jobs (site_id, id);

-- summary: the excerpt, or the first words of the text. path is NULL for drafts without a slug and for entries in the trash; search_key is the row of entry_search.
CREATE TABLE entries (
  id INTEGER NOT NULL PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  status_before_trash TEXT NOT NULL,
  visibility TEXT NOT NULL,
  password TEXT NOT NULL,
  title TEXT NOT NULL,
  slug TEXT NOT NULL,
  path TEXT,
  excerpt TEXT NOT NULL,
  summary TEXT NOT NULL,
  document TEXT NOT NULL,
  fields TEXT NOT NULL,
  author_id INTEGER NOT NULL REFERENCES users (id),
  parent_id INTEGER NOT NULL,
  cover_id INTEGER NOT NULL,
  template TEXT NOT NULL,
  position INTEGER NOT NULL,
  sticky BOOLEAN NOT NULL,
  comments_open BOOLEAN NOT NULL,
  comment_count INTEGER NOT NULL,
  seo_title TEXT NOT NULL,
  seo_description TEXT NOT NULL,
  word_count INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  trashed_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  search_key INTEGER NOT NULL UNIQUE,
  UNIQUE (site_id, path)
);
CREATE INDEX entries_published ON entries (site_id, kind, status, published_at, id);
CREATE INDEX entries_updated ON entries (site_id, kind, updated_at, id);
CREATE INDEX entries_status_updated ON entries (site_id, kind, status, updated_at, id);
CREATE INDEX entries_title ON entries (site_id, kind, title, id);
CREATE INDEX entries_author ON entries (site_id, author_id, kind, status, published_at, id);
CREATE INDEX entries_parent ON entries (site_id, parent_id, position, id);
CREATE INDEX entries_due ON entries (status, published_at);
CREATE INDEX entries_sticky ON entries (site_id, sticky, published_at) WHERE sticky;
CREATE INDEX entries_trashed ON entries (status, trashed_at);

-- snapshot: the whole editable state as JSON.
CREATE TABLE revisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  action TEXT NOT NULL,
  author_id INTEGER NOT NULL,
  snapshot TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX revisions_entry ON revisions (site_id, entry_id, id);

CREATE TABLE autosaves (
  site_id INTEGER NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL,
  base_version INTEGER NOT NULL,
  snapshot TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (entry_id, user_id)
);

CREATE TABLE entry_locks (
  entry_id INTEGER NOT NULL PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
  site_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
);
CREATE INDEX entry_locks_site ON entry_locks (site_id, taken_at);

CREATE TABLE terms (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  taxonomy TEXT NOT NULL,
  parent_id INTEGER NOT NULL,
  slug TEXT NOT NULL,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  image_id INTEGER NOT NULL,
  template TEXT NOT NULL,
  seo_title TEXT NOT NULL,
  seo_description TEXT NOT NULL,
  entry_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (site_id, taxonomy, slug),
  UNIQUE (site_id, path)
);
CREATE INDEX terms_name ON terms (site_id, taxonomy, name, id);

-- live and published_at repeat the entry's, so that an archive of any size is one index range.
CREATE TABLE entry_terms (
  site_id INTEGER NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
  term_id INTEGER NOT NULL REFERENCES terms (id) ON DELETE CASCADE,
  live BOOLEAN NOT NULL,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (entry_id, term_id)
);
CREATE INDEX entry_terms_archive ON entry_terms (term_id, live, published_at, entry_id);

-- Old addresses; each answers 301 to where its thing is now. target: an address where no entry or term is named.
CREATE TABLE old_paths (
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  entry_id INTEGER NOT NULL,
  term_id INTEGER NOT NULL,
  target TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site_id, path)
);
CREATE INDEX old_paths_entry ON old_paths (site_id, entry_id);

-- Kept, not counted: 'entries.post.published' and the like.
CREATE TABLE counters (
  site_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (site_id, name)
);

CREATE TABLE media (
  id INTEGER NOT NULL PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  filename TEXT NOT NULL,
  path TEXT,
  content_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  colour TEXT NOT NULL,
  title TEXT NOT NULL,
  alt TEXT NOT NULL,
  decorative BOOLEAN NOT NULL,
  caption TEXT NOT NULL,
  credit TEXT NOT NULL,
  licence TEXT NOT NULL,
  uploaded_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (site_id, path)
);
CREATE INDEX media_newest ON media (site_id, created_at, id);
CREATE INDEX media_hash ON media (hash);

CREATE TABLE comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
  parent_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  author_name TEXT NOT NULL,
  author_email TEXT NOT NULL,
  author_url TEXT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX comments_entry ON comments (entry_id, status, created_at, id);
CREATE INDEX comments_status ON comments (site_id, status, created_at, id);

CREATE TABLE menus (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  site_id INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (site_id, slug)
);
-- kind: 'entry', 'term' or 'link'.
CREATE TABLE menu_items (
  id INTEGER NOT NULL PRIMARY KEY,
  site_id INTEGER NOT NULL,
  menu_id INTEGER NOT NULL REFERENCES menus (id) ON DELETE CASCADE,
  parent_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  target_id INTEGER NOT NULL,
  url TEXT NOT NULL,
  label TEXT NOT NULL
);
CREATE INDEX menu_items_menu ON menu_items (site_id, menu_id, position, id);
CREATE TABLE menu_locations (
  site_id INTEGER NOT NULL,
  location TEXT NOT NULL,
  menu_id INTEGER NOT NULL REFERENCES menus (id) ON DELETE CASCADE,
  PRIMARY KEY (site_id, location)
);

-- What an import made of what: running it again changes nothing.
CREATE TABLE imported_items (
  site_id INTEGER NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  source_id TEXT NOT NULL,
  target_id INTEGER NOT NULL,
  PRIMARY KEY (site_id, source, kind, source_id)
);

-- rowid = entries.search_key: newest first is the index's own order. scope holds 's<site>' and, for what visitors
-- may read, 'v<site>': a query never leaves its site nor counts what its reader may not see.
CREATE VIRTUAL TABLE entry_search USING fts5 (
  scope, title, body, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
);
