-- Removes the conditions that have no effect anywhere in the shop. nginx would answer them with 412, and would not look
-- at an If-None-Match beside If-Modified-Since.

local conditions = {}

function conditions.ignore()
    if ngx.var.preconditions == "" then return end
    ngx.req.clear_header("If-Match")
    ngx.req.clear_header("If-Unmodified-Since")
    ngx.req.clear_header("If-Modified-Since")
end

return conditions
