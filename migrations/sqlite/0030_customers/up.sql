-- Accounts of customers: plans with limits, resellers above them, suspension and the graveyard; traffic by site and day.

ALTER TABLE accounts ADD COLUMN title TEXT NOT NULL DEFAULT '';
-- 0: of the installation itself.
ALTER TABLE accounts ADD COLUMN reseller_id INTEGER NOT NULL DEFAULT 0;
-- 0: no plan, nothing is limited.
ALTER TABLE accounts ADD COLUMN plan_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN suspended_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN suspended_at INTEGER NOT NULL DEFAULT 0;
-- The status to go back to when an account comes back from the graveyard.
ALTER TABLE accounts ADD COLUMN status_before TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN terminated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN purge_at INTEGER NOT NULL DEFAULT 0;
-- Share of the disk and of the month's traffic of which the owner was told last: 0, 80, 90 or 100.
ALTER TABLE accounts ADD COLUMN disk_warned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN traffic_warned INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET title = name;
CREATE INDEX accounts_reseller ON accounts (reseller_id, name, id);
CREATE INDEX accounts_plan ON accounts (plan_id);
CREATE INDEX accounts_status ON accounts (status, purge_at);

-- A site's folder below the home of its account; empty where it has none.
ALTER TABLE sites ADD COLUMN root TEXT NOT NULL DEFAULT '';

CREATE TABLE plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  reseller_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  limits TEXT NOT NULL,
  features TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (reseller_id, name)
);

CREATE TABLE resellers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  limits TEXT NOT NULL,
  features TEXT NOT NULL,
  privileges TEXT NOT NULL,
  brand TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

-- What an account has on the disk, as its files' layer counts it.
CREATE TABLE account_usage (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  disk_bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  counted_at INTEGER NOT NULL
);

-- Bytes sent and asked, by day (days since 1970, UTC) and service.
CREATE TABLE traffic_days (
  account_id INTEGER NOT NULL,
  site_id INTEGER NOT NULL,
  service TEXT NOT NULL,
  day INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (account_id, day, site_id, service)
);

-- The account that a session looks at as its owner; 0: none.
ALTER TABLE sessions ADD COLUMN acting_account INTEGER NOT NULL DEFAULT 0;
