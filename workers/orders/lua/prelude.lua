-- What the scripts of the checkout share. A movement is noted in stock:pending from the moment its goods are taken until
-- it is confirmed or released: under its id, {"time": milliseconds since 1970, "take": items, "give_back": items},
-- an item being [product id, quantity].

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

