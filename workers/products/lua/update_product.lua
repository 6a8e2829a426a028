-- Replaces some fields of a product, if it exists, and returns the values of FIELDS; nil if it does not.
-- KEYS: the product's hash. ARGV: field, value, field, value, ...

if not read_product(KEYS[1]) then return nil end
if #ARGV > 0 then redis.call('HSET', KEYS[1], unpack(ARGV)) end
return read_product(KEYS[1])
