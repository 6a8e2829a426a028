#!lua flags=allow-oom
-- Finishes a movement whose order is recorded: gives back what the order no longer holds, and tells the world. Also
-- when memory is full. KEYS: stock:pending, orders:events, the size of the stream. ARGV: the movement's id, the
-- event, the order's id, how many events to keep, and how many bytes of them.

local function to_json(items)
  return #items > 0 and cjson.encode(items) or '[]'  -- cjson takes an empty table for an object.
end

local note = read_note(KEYS[1], ARGV[1])
if note then
  append_event(KEYS[2], KEYS[3], tonumber(ARGV[4]), tonumber(ARGV[5]), {'event', ARGV[2], 'order_id', ARGV[3],
    'movement_id', ARGV[1], 'take', to_json(note.take), 'give_back', to_json(note.give_back)})
  put_back(note.give_back)
  redis.call('HDEL', KEYS[1], ARGV[1])
end
