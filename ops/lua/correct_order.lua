-- Makes the stock agree with what an order holds in PostgreSQL, and appends the events that say so, in one step. KEYS:
-- orders:events; the key with the stream's size. ARGV: the order's id; the changes of the stock, as JSON: [[product id,
-- number as a string], ...]; what the order takes and gives back by them, as in events; then event, movement id, event,
-- movement id, ... of the events to append. The last event has the difference. An empty movement id is left out.
-- Returns the ids of deleted products: they stay deleted.

local changes = cjson.decode(ARGV[2])
for _, change in ipairs(changes) do
  if not is_integer(change[2]) then error('not a number that the stock can change by') end
end

for i = 5, #ARGV, 2 do
  local last = i + 2 > #ARGV
  local fields = {'event', ARGV[i], 'order_id', ARGV[1],
    'take', last and ARGV[3] or '[]', 'give_back', last and ARGV[4] or '[]'}
  if ARGV[i + 1] ~= '' then
    fields[#fields + 1] = 'movement_id'
    fields[#fields + 1] = ARGV[i + 1]
  end
  -- No bounds here: the next event of an order trims the stream.
  append_event(KEYS[1], KEYS[2], math.huge, math.huge, fields)
end

local gone = {}
for _, change in ipairs(changes) do
  local key = product_key(change[1])
  if read_product(key) then
    redis.call('HINCRBY', key, 'in_stock', change[2])
  else
    gone[#gone + 1] = change[1]
  end
end
return gone
