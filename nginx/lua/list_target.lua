-- Which list a request asks for, if it is spelled plainly.

local list_target = {}

-- The plain parameters, as most clients spell them, in any order. 0 stands for each number.
local PLAIN = {
    orders = { ["limit=0"] = true, ["after=0"] = true, ["expand=product"] = true },
    products = { ["limit=0"] = true },
}
local LONGEST = {
    orders = #"limit=1000&after=9223372036854775807&expand=product",
    products = #"limit=1000&after=" + 128 * #"%00",
}

-- Whether the parameter is `after` with a product's id in the one spelling that the worker's Link has.
local function is_plain_after(parameter)
    local id = parameter:match("^after=(.+)$")
    if not id or id:gsub("%%%x%x", ""):find("[^%w._~-]") then return false end
    for digits in id:gmatch("%%(%x%x)") do
        if digits:find("%l") or string.char(tonumber(digits, 16)):find("[%w._~-]") then return false end
    end
    return true
end

local function is_plain(kind, query)
    if #query > LONGEST[kind] then return false end
    for parameter in (query .. "&"):gmatch("(.-)&") do
        local form = parameter:gsub("=%d+$", "=0")
        if not PLAIN[kind][form] and not (kind == "products" and is_plain_after(parameter)) then return false end
    end
    return true
end

-- The target of a list, its kind, orders or products, and whether it is a list of orders that shows products; nothing
-- if it is not spelled plainly. The worker gets the target as it is in the key, and decides whether it is valid; only a
-- 200 is stored. The worker takes a number in one spelling only, and a parameter only once. So a page has only as many
-- spellings as its parameters have orders.
function list_target.plain(request_uri)
    local kind, mark, query = request_uri:match("^/(%l+)/?(%??)(.*)$")
    if not PLAIN[kind] then return nil end
    if mark == "" then return query == "" and "/" .. kind or nil, kind, false end
    if not is_plain(kind, query) then return nil end
    return "/" .. kind .. "?" .. query, kind, (query .. "&"):find("expand=product&", 1, true) ~= nil
end

return list_target
