DROP TABLE file_uploads;
DROP TABLE file_versions;
DROP TABLE file_trash;
DROP TABLE file_usage;
