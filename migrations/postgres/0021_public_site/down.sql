DELETE FROM counters WHERE name LIKE 'comments.%';
DROP INDEX comments_author;
DROP INDEX comments_parent;
DROP INDEX entries_sitemap;
