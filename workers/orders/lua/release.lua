#!lua flags=allow-oom
-- Releases a movement, whose order is known not to be recorded: gives back what it took. Also when memory is full.
-- KEYS: stock:pending. ARGV: the movement's id; the goods.

if is_pending(KEYS[1], ARGV[1]) then
  put_back(2)
  redis.call('HDEL', KEYS[1], ARGV[1])
end
