-- Which entry shows which file (its cover, its text): written with every save of an entry.
CREATE TABLE media_uses (
  site_id INTEGER NOT NULL,
  media_id INTEGER NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
  PRIMARY KEY (media_id, entry_id)
);
CREATE INDEX media_uses_entry ON media_uses (entry_id);
