-- = ANY (ARRAY (...)), not IN: so PostgreSQL deletes the rows one by one by their key, however many it expects.
-- A movement's id begins with its time in milliseconds.
WITH removed AS (
  DELETE FROM stock_movements WHERE id = ANY (ARRAY (
    SELECT id FROM stock_movements
    WHERE id < rpad(lpad(to_hex((extract(epoch FROM now() - interval '24 hours') * 1000)::bigint), 12, '0'), 32, '0')::uuid
      AND id <> ALL ($2::uuid[])
    ORDER BY id LIMIT $1
  )) RETURNING 1
)
SELECT count(*) FROM removed
