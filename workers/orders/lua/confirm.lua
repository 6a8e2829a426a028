#!lua flags=allow-oom
-- Confirms a movement, whose order is recorded: gives back what the order no longer holds, and appends the event. Also
-- when memory is full. KEYS: stock:pending, orders:events, the size of the stream. ARGV: the movement's id; the event;
-- the order's id; how many events to keep, and how many bytes of them; the event's take and give_back; the goods to
-- give back.

if is_pending(KEYS[1], ARGV[1]) then
  append_event(KEYS[2], KEYS[3], tonumber(ARGV[4]), tonumber(ARGV[5]), {'event', ARGV[2], 'order_id', ARGV[3],
    'movement_id', ARGV[1], 'take', ARGV[6], 'give_back', ARGV[7]})
  put_back(8)
  redis.call('HDEL', KEYS[1], ARGV[1])
end
