-- What the source looked like when it was taken over, so that a second run sees what changed there.
ALTER TABLE imported_items ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
