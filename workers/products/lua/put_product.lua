-- Creates a product, or replaces the one with its id.
-- KEYS: the product's hash, the index. ARGV: the id; then field, value, field, value, ... of all FIELDS.

redis.call('ZCARD', KEYS[2])  -- Fails if it is no sorted set.
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
