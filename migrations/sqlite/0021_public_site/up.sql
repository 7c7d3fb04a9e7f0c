-- What the public site asks often, answered by an index: sitemaps, answers of a comment, whether somebody's comment
-- was approved before; and how many comments have which status, kept and not counted.
CREATE INDEX entries_sitemap ON entries (site_id, kind, id, updated_at, author_id)
  WHERE status = 'published' AND visibility = 'public' AND path IS NOT NULL;
CREATE INDEX comments_parent ON comments (parent_id, status) WHERE parent_id > 0;
CREATE INDEX comments_author ON comments (site_id, author_email, status);
INSERT INTO counters (site_id, name, value)
  SELECT site_id, 'comments.' || status, count(*) FROM comments GROUP BY site_id, status;
