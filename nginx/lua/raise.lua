-- Raises the generation of what an answer may have changed. As a header filter it runs before the first byte goes to
-- the client, and also when the client has hung up. A 4xx has changed nothing; of a 5xx nobody knows.

local method, status = ngx.req.get_method(), ngx.status
if method ~= "GET" and method ~= "HEAD" and (status < 300 or status >= 500) then
    local name = ngx.var.uri:match("^/(%a+)")
    if name == "orders" or name == "products" then ngx.shared.generations:incr(name, 1) end
end
