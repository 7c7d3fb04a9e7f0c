DROP TABLE media_uses;
