-- Answers a request that is over a limit: 503 if it is the limit for all clients together, else 429. limit_conn has one
-- status for both limits and does not say which it was. It cannot be the limit for all while fewer requests are under
-- way.

local over_limit = {}

function over_limit.answer(requests)
    ngx.req.discard_body()
    ngx.status = tonumber(ngx.var.connections_writing) >= requests and 503 or 429
    local body = ngx.var.error_body  -- Depends on the status: errors.conf.
    ngx.header["Content-Length"] = #body
    ngx.print(body)
end

return over_limit
