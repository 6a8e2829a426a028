-- The key of a page of orders in the cache: which page it is, and how new.

local list_key = {}

-- The plain parameters, as most clients spell them, in any order. 0 stands for each number.
local PLAIN = { ["limit=0"] = true, ["after=0"] = true, ["expand=product"] = true }
local LONGEST = #"limit=1000&after=9223372036854775807&expand=product"

-- The target of a list of orders, and whether the list shows products; nothing if it is not spelled plainly. The worker
-- gets the target as it is in the key, and decides whether it is valid; only a 200 is stored. The worker takes a number
-- in one spelling only, and a parameter only once. So a page has only as many spellings as its parameters have orders.
function list_key.plain_target(request_uri)
    if request_uri == "/orders" or request_uri == "/orders/" then return "/orders", false end
    local query = request_uri:match("^/orders/?%?(.*)$")
    if not query or #query > LONGEST then return nil end
    local is_expanded = false
    for parameter in (query:gsub("%d+", "0") .. "&"):gmatch("(.-)&") do
        if not PLAIN[parameter] then return nil end
        is_expanded = is_expanded or parameter == "expand=product"
    end
    return "/orders?" .. query, is_expanded
end

-- The key of a target at this moment.
function list_key.key(target, is_expanded)
    local generations = ngx.shared.generations
    if is_expanded then
        return ("%d.%d.%d %s"):format(generations:get("orders"), generations:get("products"), ngx.time(), target)
    end
    return ("%d.%d %s"):format(generations:get("orders"), ngx.time(), target)
end

return list_key
