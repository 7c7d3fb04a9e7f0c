DROP INDEX sign_in_failures_failed;
DROP TABLE held_forms;
DROP TABLE blocked_networks;
DROP TABLE known_devices;
DROP TABLE ceremonies;
DROP TABLE passkeys;
ALTER TABLE tokens DROP COLUMN addresses;
ALTER TABLE sessions DROP COLUMN confirmed_at;
ALTER TABLE users DROP COLUMN passkeys;
