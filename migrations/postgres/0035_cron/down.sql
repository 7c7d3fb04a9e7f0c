-- Commands at set times go, with their results.
DROP TABLE terminal_tickets;
DROP TABLE cron_runs;
DROP TABLE cron_jobs;
