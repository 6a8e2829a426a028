-- Raises the counters of what a write may have changed. As a header filter, this runs before the first byte of the
-- answer goes to the client, and also when the client has hung up.
--
-- The worker names what a successful write has changed, in X-Changed. If it does not, the write may have changed
-- anything. So may one whose outcome is unknown: a worker was asked, and the answer is a 5xx. A 4xx has changed
-- nothing.

local counters = require("counters")

local raise = {}

local function is_read()
    local method = ngx.req.get_method()
    return method == "GET" or method == "HEAD"
end

function raise.changed()
    local status = ngx.status
    local changed = status < 300 and ngx.var.upstream_http_x_changed
    if changed then
        counters.raise(changed)
    elseif (status < 300 or status >= 500 and ngx.var.upstream_addr) and not is_read() then
        counters.raise(nil)
    end
end

return raise
