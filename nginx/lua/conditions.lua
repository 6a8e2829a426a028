-- Removes the conditions that have no effect anywhere in the shop. nginx would answer them with 412.

local conditions = {}

function conditions.ignore()
    if ngx.var.preconditions == "" then return end
    ngx.req.clear_header("If-Match")
    ngx.req.clear_header("If-Unmodified-Since")
end

return conditions
