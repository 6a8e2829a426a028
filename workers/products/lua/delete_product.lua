#!lua flags=allow-oom
-- Deletes a product; returns 1 if there was one, else 0. Also when memory is full.
-- KEYS: the product's hash, the index. ARGV: the id.

if not read_product(KEYS[1]) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[1])
return 1
