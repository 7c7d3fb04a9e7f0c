-- SQLite plans by numbers of rows; without any it walked all published posts of a site to find ten by their id.
-- These are a busy server's, written down once, so that plans are the same on every machine and on every day.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('entries', 'sqlite_autoindex_entries_1', '100000 1'),
  ('entries', 'sqlite_autoindex_entries_2', '100000 1'),
  ('entries', 'sqlite_autoindex_entries_3', '100000 50000 1'),
  ('entries', 'entries_published', '100000 50000 40000 30000 1 1'),
  ('entries', 'entries_updated', '100000 50000 40000 1 1'),
  ('entries', 'entries_status_updated', '100000 50000 40000 30000 1 1'),
  ('entries', 'entries_title', '100000 50000 40000 2 1'),
  ('entries', 'entries_author', '100000 50000 10000 9000 8000 1 1'),
  ('entries', 'entries_parent', '100000 50000 20000 20000 1'),
  ('entries', 'entries_due', '100000 30000 1'),
  ('entries', 'entries_sticky', '20 10 10 1'),
  ('entries', 'entries_trashed', '100000 30000 30000'),
  ('entries', 'entries_sitemap', '100000 50000 40000 1 1 1'),
  ('terms', 'sqlite_autoindex_terms_1', '5000 2500 1000 1'),
  ('terms', 'sqlite_autoindex_terms_2', '5000 2500 1'),
  ('terms', 'terms_name', '5000 2500 1000 2 1'),
  ('entry_terms', 'sqlite_autoindex_entry_terms_1', '300000 3 1'),
  ('entry_terms', 'entry_terms_archive', '300000 1000 900 1 1'),
  ('media', 'sqlite_autoindex_media_1', '20000 1'),
  ('media', 'sqlite_autoindex_media_2', '20000 10000 1'),
  ('media', 'media_newest', '20000 10000 1 1'),
  ('media', 'media_hash', '20000 2'),
  ('comments', 'comments_entry', '200000 20 15 1 1'),
  ('comments', 'comments_status', '200000 100000 50000 1 1'),
  ('comments', 'comments_parent', '50000 2 2'),
  ('comments', 'comments_author', '200000 100000 10 5'),
  ('users', 'sqlite_autoindex_users_1', '1000 1'),
  ('users', 'sqlite_autoindex_users_2', '1000 1'),
  ('media_uses', 'sqlite_autoindex_media_uses_1', '100000 2 1'),
  ('media_uses', 'media_uses_entry', '100000 5');
ANALYZE sqlite_schema;
