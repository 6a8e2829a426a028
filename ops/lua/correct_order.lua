-- Makes the stock agree with what PostgreSQL says that an order holds, and writes down that it does, at once.
-- KEYS: orders:events, the size of the stream. ARGV: the order's id; [[product id, how the stock changes], ...], the
-- numbers as strings; what that takes and gives back, as events have it; then event, movement id, event, movement id,
-- ... of the events to append. The last event carries the difference. An empty movement id is left out.
-- Returns the ids of the products that are gone: a deleted product stays deleted.

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
  -- The next event of an order finds what is too much.
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
