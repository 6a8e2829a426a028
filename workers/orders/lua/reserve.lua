-- Takes goods off stock for a movement and notes it, or does nothing at all.
-- KEYS: stock:pending. ARGV: the movement's id; {"take": items, "give_back": items}; how low a stock may fall.
-- Returns {'RESERVED'}, {'PRODUCT_NOT_FOUND', the first such id} or {'INSUFFICIENT_STOCK', the first such id}.

local note = cjson.decode(ARGV[2])
local floor = tonumber(ARGV[3])

local stocks = {}
for i, item in ipairs(note.take) do
  local product = read_product('products:' .. item[1])
  if not product then return {'PRODUCT_NOT_FOUND', item[1]} end
  stocks[i] = tonumber(product[#FIELDS])
end
for i, item in ipairs(note.take) do
  if stocks[i] - item[2] < floor then return {'INSUFFICIENT_STOCK', item[1]} end
end

note_movement(KEYS[1], ARGV[1], note)
for _, item in ipairs(note.take) do
  redis.call('HINCRBY', 'products:' .. item[1], 'in_stock', -item[2])
end
return {'RESERVED'}
