-- Uploads that go on know which bytes they are of; what WebDAV says of files is in the order of bytes, as other paths.
ALTER TABLE file_uploads ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
ALTER TABLE dav_properties ALTER COLUMN path TYPE TEXT COLLATE "C";
