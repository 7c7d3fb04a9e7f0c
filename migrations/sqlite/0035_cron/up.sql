-- Commands of accounts that run at set times, what came of them, and one-time tickets for terminals.
CREATE TABLE cron_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  command TEXT NOT NULL,
  schedule TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  overlap TEXT NOT NULL,
  jitter_s INTEGER NOT NULL,
  timeout_s INTEGER NOT NULL,
  mail_when TEXT NOT NULL,
  mail_to INTEGER NOT NULL,
  alive_url TEXT NOT NULL,
  grace_s INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  last_due_at INTEGER NOT NULL,
  alarm_at INTEGER NOT NULL,
  alarmed_at INTEGER NOT NULL,
  last_state TEXT NOT NULL,
  last_ended_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX cron_jobs_account ON cron_jobs (account_id, id);
CREATE INDEX cron_jobs_next ON cron_jobs (next_at) WHERE next_at > 0;
CREATE INDEX cron_jobs_alarm ON cron_jobs (alarm_at) WHERE alarm_at > 0;

-- cause: schedule or hand. A moment of a schedule is run once, whatever the clock does.
CREATE TABLE cron_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  cron_job_id INTEGER NOT NULL REFERENCES cron_jobs (id) ON DELETE CASCADE,
  cause TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  lease_token TEXT NOT NULL,
  stop_asked BOOLEAN NOT NULL,
  exit_status INTEGER NOT NULL,
  message TEXT NOT NULL,
  output TEXT NOT NULL,
  output_bytes INTEGER NOT NULL,
  asked_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  UNIQUE (cron_job_id, cause, due_at)
);
CREATE INDEX cron_runs_job ON cron_runs (cron_job_id, id);
CREATE INDEX cron_runs_open ON cron_runs (state, run_at) WHERE state IN ('waiting', 'running');

CREATE TABLE terminal_tickets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  address TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL
);
