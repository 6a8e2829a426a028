-- Finishes a movement whose order is recorded: gives back what the order no longer holds, and tells the world.
-- KEYS: stock:pending, orders:events. ARGV: the movement's id, the event, the order's id, how many events to keep.

local function to_json(items)
  return #items > 0 and cjson.encode(items) or '[]'  -- cjson takes an empty table for an object.
end

local note = read_note(KEYS[1], ARGV[1])
if note then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', 'event', ARGV[2], 'order_id', ARGV[3],
    'movement_id', ARGV[1], 'take', to_json(note.take), 'give_back', to_json(note.give_back))
  put_back(note.give_back)
  redis.call('HDEL', KEYS[1], ARGV[1])
end
