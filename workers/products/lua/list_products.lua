-- Returns the values of FIELDS of up to `limit` products, in the order of their ids.
-- KEYS: the index. ARGV: where to start, as ZRANGEBYLEX takes it ('-' or '(id'); the limit.

local start, limit = ARGV[1], tonumber(ARGV[2])
local page = {}
local ids
repeat
  ids = redis.call('ZRANGEBYLEX', KEYS[1], start, '+', 'LIMIT', 0, limit - #page)
  for _, id in ipairs(ids) do
    -- An id without a product can only come from outside; a page is full all the same.
    local product = read_product('products:' .. id)
    if product then page[#page + 1] = product end
    start = '(' .. id
  end
until #ids == 0 or #page == limit
return page
