-- What a request is by its origin: "foreign", a write of a page that is not the shop's; "preflight", with which the
-- browser of a page of the shop's asks what the page may send; or "", anything else. Only browsers send any of these
-- headers.

local request_method = ngx.req.get_method()
if request_method == "GET" or request_method == "HEAD" then return "" end

local origin = ngx.var.http_origin
if request_method == "OPTIONS" then
    local method = ngx.var.http_access_control_request_method
    return ngx.var.shop_origin ~= "" and method and method ~= "" and "preflight" or ""
end

if not origin then
    -- A browser that keeps the origin to itself says at least that the page is of another site.
    return ngx.var.http_sec_fetch_site == "cross-site" and "foreign" or ""
end

-- nginx's own variables know the first of several only, and take an empty one for none.
return (origin == "" or ngx.req.get_headers(0).origin ~= ngx.var.shop_origin) and "foreign" or ""
