-- Puts the hashes among KEYS that are products into the index; returns how many.
-- KEYS: the index, then hashes.

local indexed = 0
for i = 2, #KEYS do
  if read_product(KEYS[i]) then
    redis.call('ZADD', KEYS[1], 0, string.sub(KEYS[i], #'products:' + 1))
    indexed = indexed + 1
  end
end
return indexed
