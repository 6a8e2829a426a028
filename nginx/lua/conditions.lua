-- Removes the conditions that have no effect anywhere in the shop. nginx would answer them with 412.

local conditions = {}

function conditions.ignore()
    if ngx.var.http_if_match then ngx.req.clear_header("If-Match") end
    if ngx.var.http_if_unmodified_since then ngx.req.clear_header("If-Unmodified-Since") end
end

return conditions
