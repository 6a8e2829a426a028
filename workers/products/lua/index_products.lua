-- Puts the hashes among KEYS that are products into the index; returns how many.
-- KEYS: the index, then hashes.

local indexed = 0
for i = 2, #KEYS do
  local product = read_product(KEYS[i])
  if product then
    redis.call('ZADD', KEYS[1], 0, product[1])
    indexed = indexed + 1
  end
end
return indexed
