-- Reserves a movement: takes its goods off stock, and the movement is pending. If one product cannot be taken, does
-- nothing.
-- KEYS: stock:pending. ARGV: the movement's id; its entry without the time; how low a stock may fall; the goods.
-- Returns nothing, or {'PRODUCT_NOT_FOUND', the first such id} or {'INSUFFICIENT_STOCK', the first such id}.

local floor, insufficient = tonumber(ARGV[3]), nil
for i = 4, #ARGV, 2 do
  local product = read_product(product_key(ARGV[i]))
  if not product then return {'PRODUCT_NOT_FOUND', ARGV[i]} end
  if product[#FIELDS] - ARGV[i + 1] < floor then insufficient = insufficient or ARGV[i] end
end
if insufficient then return {'INSUFFICIENT_STOCK', insufficient} end

add_pending(KEYS[1], ARGV[1], ARGV[2])
for i = 4, #ARGV, 2 do
  redis.call('HINCRBY', product_key(ARGV[i]), 'in_stock', '-' .. ARGV[i + 1])
end
