-- What the scripts share: which hash is a product. Any worker may run a script at any time. A script runs as a whole
-- before any other command.
--
-- Redis does not roll back: if a command fails, what the script has done before it stays. So what can fail comes before
-- the first effect: a key may be of another type, or memory may be full (Redis checks this until a script has written).
-- After the first effect comes only what cannot fail, or what may fail, and then is a pcall. A movement's entry in
-- stock:pending is written first and removed last: as long as it is there, the movement can be finished.

local FIELDS = {'id', 'title', 'passenger_capacity', 'maximum_speed', 'in_stock'}

-- The key of a product's hash, as ProductKey in C++ makes it.
local function product_key(id)
  return 'products:' .. id
end

-- Whether HINCRBY can add to `text`: it takes this one form only, up to 64 bits.
local function is_integer(text)
  return #text <= 18 and (text == '0' or string.find(text, '^-?[1-9]%d*$'))
end

-- The values of FIELDS in the hash at `key`, or nil if that is no product: the key may be of another type, and the
-- Python shop could leave a hash that has a stock and nothing else.
local function read_product(key)
  local values = redis.pcall('HMGET', key, unpack(FIELDS))
  if values.err then return nil end
  for i = 1, #FIELDS do
    if not values[i] then return nil end
    if i > 2 and not is_integer(values[i]) then return nil end
  end
  return key == product_key(values[1]) and values or nil
end

