ALTER TABLE imported_items DROP COLUMN fingerprint;
