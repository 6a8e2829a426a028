-- The key of a page of orders in the cache: what it is a page of, and of when.

local list_key = {}

local LAST_ID = "9223372036854775807"
local NAMES = { "limit", "after", "expand" }

-- Whether a value is one that the worker takes (order_handlers.cpp); and the default, which may as well be left out.
local PARAMETERS = {
    limit = { default = "100", is_valid = function(value)
        return value:find("^[1-9]%d?%d?%d?$") and tonumber(value) <= 1000
    end },
    after = { default = "0", is_valid = function(value)
        return value == "0"
            or value:find("^[1-9]%d*$") and (#value < #LAST_ID or #value == #LAST_ID and value <= LAST_ID)
    end },
    expand = { is_valid = function(value) return value == "product" end },
}

local function byte(digits)
    return string.char(tonumber(digits, 16))
end

local function decode(text)
    if text:find("[%%+]") then text = text:gsub("+", " "):gsub("%%(%x%x)", byte) end
    return text
end

-- The values of the known parameters; nothing if one of them is malformed or given twice.
local function parse(query)
    local values = {}
    for pair in query:gmatch("[^&]+") do
        local name, value = pair:match("^([^=]*)=?(.*)$")
        name = decode(name)
        local parameter = PARAMETERS[name]
        if parameter then
            value = decode(value)
            if values[name] or not parameter.is_valid(value) then return nil end
            values[name] = value
        end
    end
    return values
end

-- The target of a list of orders in its one form, with the parameters in a fixed order and without those that are
-- unknown or have their default; and whether it is expanded. Nothing if the worker would refuse it.
function list_key.canonical_target(request_uri)
    -- As it was sent, for the worker decides by that: to it /%6Frders is no path.
    local mark, query = request_uri:match("^/orders/?(%??)(.*)$")
    local values = mark and (mark == "?" or query == "") and parse(query)
    if not values then return nil end
    local target, separator = "/orders", "?"
    for _, name in ipairs(NAMES) do
        if values[name] and values[name] ~= PARAMETERS[name].default then
            target = target .. separator .. name .. "=" .. values[name]
            separator = "&"
        end
    end
    return target, values.expand ~= nil
end

-- The key under which a target is cached at this moment.
function list_key.key(target, is_expanded)
    local generations = ngx.shared.generations
    if is_expanded then
        return ("%d.%d.%d %s"):format(generations:get("orders"), generations:get("products"), ngx.time(), target)
    end
    return ("%d.%d %s"):format(generations:get("orders"), ngx.time(), target)
end

return list_key
