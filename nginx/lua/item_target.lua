-- Which product or order a request asks for.

local item_target = {}

-- Nothing if it is not percent-encoded.
local function decode(text)
    if text:gsub("%%%x%x", ""):find("%", 1, true) then return nil end
    return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function encode(text)
    return (text:gsub("[^%w._~-]", function(char) return ("%%%02X"):format(char:byte()) end))
end

-- The id, decoded once as the worker does it, and the target that means the same in one spelling, whatever the client's
-- is. Nothing if the path, as it was sent, is none of one thing, or if there is a query. `kind` is products or orders.
function item_target.plain(kind, request_uri)
    local prefix = "/" .. kind .. "/"
    if request_uri:sub(1, #prefix) ~= prefix then return nil end
    local text = request_uri:sub(#prefix + 1)
    local id = not text:find("[/?#]") and decode(text)
    if not id or id:find("^%.?%.?$") then return nil end
    return id, prefix .. encode(id)
end

return item_target
