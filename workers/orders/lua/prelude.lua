-- What the scripts of the checkout share. A movement is pending from the moment its goods are taken until it is
-- confirmed or released: for so long it has an entry in the hash stock:pending. The worker writes the text of the
-- entry, and no script reads it. Goods are the last of ARGV: product id, quantity, product id, quantity, ...

-- `entry` lacks its end: the time by Redis' clock, in milliseconds since 1970, and "}".
local function add_pending(pending, movement_id, entry)
  local now = redis.call('TIME')
  redis.call('HSET', pending, movement_id, entry .. now[1] * 1000 + math.floor(now[2] / 1000) .. '}')
end

-- If it is not, somebody has finished the movement already.
local function is_pending(pending, movement_id)
  return redis.call('HEXISTS', pending, movement_id) == 1
end

-- Puts the goods from ARGV[first] on back on stock. Skips products that no longer exist: a deleted one stays deleted.
local function put_back(first)
  for i = first, #ARGV, 2 do
    local key = product_key(ARGV[i])
    if read_product(key) then redis.pcall('HINCRBY', key, 'in_stock', ARGV[i + 1]) end
  end
end

-- Roughly the memory of an event in bytes: it takes 0.7 to 1.0 of this, measured with redis-server 7.0.
local function size_of(fields)
  local bytes = 0
  for i = 1, #fields do bytes = bytes + #fields[i] end
  return math.floor(bytes * 9 / 8)
end

-- How many bytes the stream has, and how many events. `size_key`, beside the stream, keeps both, as "<bytes> <events>".
-- If nobody has counted yet, or somebody else has changed the stream, this counts again.
local function read_size(stream, size_key)
  local events = redis.call('XLEN', stream)
  local size = redis.pcall('GET', size_key)
  local bytes, counted = string.match(type(size) == 'string' and size or '', '^(%d+) (%d+)$')
  if tonumber(counted) == events then return tonumber(bytes), events end
  return events > 0 and redis.call('MEMORY', 'USAGE', stream, 'SAMPLES', 0) or 0, events
end

-- Removes the oldest events while there are too many: at once no more than twice what was just `added`, and a few
-- events, so that no movement waits for long. Returns the size that is left.
local function trim(stream, bytes, events, max_events, max_bytes, added)
  local enough, before, start = bytes - 2 * added, events, '-'
  local few = math.max(1, math.min(16, math.floor(events / 100)))
  while (events > max_events or bytes > max_bytes) and bytes > enough and events > 1 do
    for _, entry in ipairs(redis.call('XRANGE', stream, start, '+', 'COUNT', few)) do
      bytes, events, start = bytes - size_of(entry[2]), events - 1, '(' .. entry[1]
    end
  end
  if events < before then redis.call('XTRIM', stream, 'MAXLEN', '=', events) end
  return bytes, events
end

-- Appends an event and keeps the stream within its bounds. XADD may fail, and is the first effect.
local function append_event(stream, size_key, max_events, max_bytes, fields)
  local bytes, events = read_size(stream, size_key)
  local added = size_of(fields)
  redis.call('XADD', stream, '*', unpack(fields))
  bytes, events = bytes + added, events + 1
  if events > max_events or bytes > max_bytes then
    bytes, events = trim(stream, bytes, events, max_events, max_bytes, added)
  end
  redis.call('SET', size_key, bytes .. ' ' .. events)
end

