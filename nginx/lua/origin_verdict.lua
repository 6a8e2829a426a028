-- Judges a request by its origin. "foreign": a write by a page that is not of the shop's origins. "preflight": the
-- browser asks what a page of the shop's origins may send. "": anything else. Only browsers send these headers.

local request_method = ngx.req.get_method()
if request_method == "GET" or request_method == "HEAD" then return "" end

local origin = ngx.var.http_origin
if request_method == "OPTIONS" then
    local method = ngx.var.http_access_control_request_method
    return ngx.var.shop_origin ~= "" and method and method ~= "" and "preflight" or ""
end

if not origin then
    -- A browser that does not send the origin says at least that the page belongs to another site.
    return ngx.var.http_sec_fetch_site == "cross-site" and "foreign" or ""
end

-- nginx's own variable has only the first of several Origin headers, and treats an empty one as missing.
return (origin == "" or ngx.req.get_headers(0).origin ~= ngx.var.shop_origin) and "foreign" or ""
