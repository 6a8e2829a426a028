-- Conditions of a request that change nothing, as everywhere in the shop; nginx would answer 412.

local conditions = {}

function conditions.ignore()
    if ngx.var.http_if_match then ngx.req.clear_header("If-Match") end
    if ngx.var.http_if_unmodified_since then ngx.req.clear_header("If-Unmodified-Since") end
end

return conditions
