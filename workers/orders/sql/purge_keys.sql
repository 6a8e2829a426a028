-- = ANY (ARRAY (...)), not IN: so PostgreSQL deletes the rows one by one by their key, however many it expects.
WITH removed AS (
  DELETE FROM idempotency_keys WHERE key = ANY (ARRAY (
    SELECT key FROM idempotency_keys WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT $1
  )) RETURNING 1
)
SELECT count(*) FROM removed
