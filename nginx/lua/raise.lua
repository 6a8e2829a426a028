-- Raises the generation of what a write may have changed. As a header filter, this runs before the first byte of the
-- answer goes to the client, and also when the client has hung up. A 4xx has changed nothing; the outcome of a 5xx is
-- unknown.

local method, status = ngx.req.get_method(), ngx.status
if method ~= "GET" and method ~= "HEAD" and (status < 300 or status >= 500) then
    local name = ngx.var.uri:match("^/(%a+)")
    if name == "orders" or name == "products" then ngx.shared.generations:incr(name, 1) end
end
