-- What a request with an Idempotency-Key made: the same request sent again makes nothing new.
CREATE TABLE done_requests (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  request_key TEXT NOT NULL,
  digest TEXT NOT NULL,
  made_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, request_key)
);
CREATE INDEX done_requests_created ON done_requests (created_at);
