-- What the scripts of the checkout share. A movement is noted in stock:pending from the moment its goods are taken until
-- it is confirmed or released: under its id, {"time": milliseconds since 1970, "take": items, "give_back": items},
-- an item being [product id, quantity].

-- Removes the note of a movement and returns it; nil if there is none: then somebody has finished it already.
local function remove_note(pending, movement_id)
  local note = redis.call('HGET', pending, movement_id)
  if not note then return nil end
  redis.call('HDEL', pending, movement_id)
  return cjson.decode(note)
end

-- Puts goods back on stock, where there still is a product: a deleted one stays deleted.
local function put_back(items)
  for _, item in ipairs(items) do
    local key = 'products:' .. item[1]
    -- pcall: a stock that is at the end of 64 bits stays there, and the other items go back all the same.
    if read_product(key) then redis.pcall('HINCRBY', key, 'in_stock', item[2]) end
  end
end

