-- Returns the values of FIELDS of up to `limit` products, in the order of their ids, and 1 if there are more, else 0.
-- After the first product it ends before one that would bring the ids and titles of the page to more than `max_size`
-- bytes. KEYS: the index. ARGV: where to start, as ZRANGEBYLEX takes it ('-' or '(id'); the limit; the maximum size.

local start, limit, max_size = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local page, count, size = {}, 0, 0
local ids
repeat
  ids = redis.call('ZRANGEBYLEX', KEYS[1], start, '+', 'LIMIT', 0, limit + 1 - count)
  for _, id in ipairs(ids) do
    -- An id without a product can only come from outside; it does not end a page.
    local product = read_product(product_key(id))
    if product then
      size = size + #product[1] + #product[2]
      if count == limit or (size > max_size and count > 0) then return {page, 1} end
      count = count + 1
      page[count] = product
    end
    start = '(' .. id
  end
until #ids == 0
return {page, 0}
