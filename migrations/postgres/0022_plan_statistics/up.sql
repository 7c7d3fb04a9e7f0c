-- PostgreSQL counts for itself; the number is taken so that both databases have the same releases.
SELECT 1;
