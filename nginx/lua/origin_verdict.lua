-- Judges a request by its origin. Only browsers send these headers.

local origin_verdict = {}

-- "preflight": the browser asks what a page of the shop's origins may send. Else "".
local function judge_options()
    local method = ngx.var.http_access_control_request_method
    return ngx.var.shop_origin ~= "" and method and method ~= "" and "preflight" or ""
end

-- "foreign": a write by a page that is not of the shop's origins. Else "".
local function judge_write(origin)
    -- A browser that does not send the origin says at least that the page belongs to another site.
    if not origin then return ngx.var.http_sec_fetch_site == "cross-site" and "foreign" or "" end

    -- nginx's own variable has only the first of several Origin headers, and treats an empty one as missing.
    return (origin == "" or ngx.req.get_headers(0).origin ~= ngx.var.shop_origin) and "foreign" or ""
end

function origin_verdict.judge()
    local method = ngx.req.get_method()
    if method == "GET" or method == "HEAD" then return "" end
    if method == "OPTIONS" then return judge_options() end
    return judge_write(ngx.var.http_origin)
end

return origin_verdict
