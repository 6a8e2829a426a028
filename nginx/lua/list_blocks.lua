-- Which orders the lists depend on, as workers have said last. All nginx processes share it, so that they look for a
-- list under the same key.

local list_blocks = {}

local dict = ngx.shared.list_blocks

-- What the generation of a list counts, as in list.lua. What was learned counts from the next second on, so until then
-- the page that was just cached has the same key.
function list_blocks.counts(target, second)
    local counts, learned = dict:get(target)
    return counts and learned < second and counts or "orders"
end

-- `blocks` is nil if no order follows the list.
function list_blocks.learn(target, blocks)
    local counts = blocks or "orders"
    if (dict:get(target) or "orders") ~= counts then dict:set(target, counts, 0, ngx.time()) end
end

return list_blocks
