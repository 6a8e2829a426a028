-- Returns those of the ids that are in the index but have no product. With 'remove', also removes them from the index.
-- KEYS: product_index. ARGV: 'remove' or 'keep'; ids.

local missing = {}
for i = 2, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) and not read_product(product_key(ARGV[i])) then
    missing[#missing + 1] = ARGV[i]
    if ARGV[1] == 'remove' then redis.call('ZREM', KEYS[1], ARGV[i]) end
  end
end
return missing
