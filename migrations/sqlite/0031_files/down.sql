DROP TABLE file_uploads;
DROP TABLE file_versions;
DROP TABLE file_trash;
ALTER TABLE account_usage DROP COLUMN is_exact;
