ALTER TABLE dav_properties ALTER COLUMN path TYPE TEXT COLLATE "default";
ALTER TABLE file_uploads DROP COLUMN fingerprint;
