-- What the scripts share: which hash is a product. A script may be run by any worker at any time, and runs as a whole
-- before any other command.

local FIELDS = {'id', 'title', 'passenger_capacity', 'maximum_speed', 'in_stock'}

-- Whether HINCRBY can reckon with `text`, which it takes in this one form and up to 64 bits.
local function is_integer(text)
  return #text <= 18 and (text == '0' or string.match(text, '^-?[1-9]%d*$'))
end

-- The values of FIELDS in the hash at `key`, or nil if that is no product: a stock change of the Python shop could leave
-- a hash behind that has a stock and nothing else.
local function read_product(key)
  local values = redis.call('HMGET', key, unpack(FIELDS))
  for i = 1, #FIELDS do
    if not values[i] then return nil end
    if i > 2 and not is_integer(values[i]) then return nil end
  end
  return key == 'products:' .. values[1] and values or nil
end

