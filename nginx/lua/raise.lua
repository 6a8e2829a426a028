-- Raises the counters of what a write may have changed. As a header filter, this runs before the first byte of the
-- answer goes to the client, and also when the client has hung up.
--
-- The worker names what a successful write has changed, in X-Changed. If it does not, the write may have changed
-- anything. So may one whose outcome is unknown: a worker was asked, and the answer is a 5xx. A 4xx has changed
-- nothing.

local method, status = ngx.req.get_method(), ngx.status
if method ~= "GET" and method ~= "HEAD" then
    local counters = require("counters")
    if status < 300 then
        counters.raise(ngx.var.upstream_http_x_changed)
    elseif status >= 500 and ngx.var.upstream_addr then
        counters.raise(nil)
    end
end
