#!lua flags=allow-oom
-- Undoes a movement whose order is known not to be recorded: gives back what it took. Also when memory is full.
-- KEYS: stock:pending. ARGV: the movement's id.

local note = read_note(KEYS[1], ARGV[1])
if note then
  put_back(note.take)
  redis.call('HDEL', KEYS[1], ARGV[1])
end
