-- What the scripts of the checkout share. A movement is noted in stock:pending from the moment its goods are taken
-- until it is confirmed or released: under its id, {"time": milliseconds since 1970, "take": items, "give_back":
-- items}, an item being [product id, quantity].

local function note_movement(pending, movement_id, note)
  local now = redis.call('TIME')
  note.time = now[1] * 1000 + math.floor(now[2] / 1000)
  redis.call('HSET', pending, movement_id, cjson.encode(note))
end

-- A whole number that HINCRBY takes and Lua does not round.
local function is_quantity(number)
  return type(number) == 'number' and number % 1 == 0 and number > 0 and number < 2 ^ 53
end

local function are_items(items)
  if type(items) ~= 'table' or (#items == 0 and next(items) ~= nil) then return false end
  for _, item in ipairs(items) do
    if type(item) ~= 'table' or type(item[1]) ~= 'string' or not is_quantity(item[2]) then return false end
  end
  return true
end

-- The note of a movement; nil if there is none: then somebody has finished it already. Fails if it is no note.
local function read_note(pending, movement_id)
  local text = redis.call('HGET', pending, movement_id)
  if not text then return nil end
  local note = cjson.decode(text)
  if type(note) ~= 'table' or not are_items(note.take) or not are_items(note.give_back) then
    error('the note of the movement is none')
  end
  return note
end

-- Puts goods back on stock, where there still is a product: a deleted one stays deleted.
local function put_back(items)
  for _, item in ipairs(items) do
    local key = 'products:' .. item[1]
    if read_product(key) then redis.pcall('HINCRBY', key, 'in_stock', item[2]) end
  end
end

-- What an event takes of the memory, about: 0.7 to 1.0 of this, measured with redis-server 7.0.
local function size_of(fields)
  local bytes = 0
  for i = 1, #fields do bytes = bytes + #fields[i] end
  return math.floor(bytes * 9 / 8)
end

-- How many bytes the stream has, and how many events. They are kept beside it, in `size_key`, as "<bytes> <events>". If
-- nobody has counted yet, or somebody else has changed the stream, the count starts anew.
local function read_size(stream, size_key)
  local events = redis.call('XLEN', stream)
  local size = redis.pcall('GET', size_key)
  local bytes, counted = string.match(type(size) == 'string' and size or '', '^(%d+) (%d+)$')
  if tonumber(counted) == events then return tonumber(bytes), events end
  return events > 0 and redis.call('MEMORY', 'USAGE', stream, 'SAMPLES', 0) or 0, events
end

-- Removes the oldest events while there are too many; at once no more than twice what has just been `added`, and a few
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

-- Appends an event and keeps the stream within its bounds. Appending it may fail, and is the first effect.
local function append_event(stream, size_key, max_events, max_bytes, fields)
  local bytes, events = read_size(stream, size_key)
  local added = size_of(fields)
  redis.call('XADD', stream, '*', unpack(fields))
  bytes, events = trim(stream, bytes + added, events + 1, max_events, max_bytes, added)
  redis.call('SET', size_key, bytes .. ' ' .. events)
end

