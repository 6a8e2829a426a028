-- Creates a product, or replaces the one with its id.
-- KEYS: the product's hash, the index. ARGV: the id; then field, value, field, value, ... of all FIELDS.

local added = redis.call('ZADD', KEYS[2], 0, ARGV[1])
local reply = redis.pcall('HSET', KEYS[1], unpack(ARGV, 2))
if type(reply) == 'table' then  -- An error: the key is of another type.
  if added == 1 then redis.call('ZREM', KEYS[2], ARGV[1]) end
  return reply
end
