-- A header filter for an order whose products this nginx does not know yet: the worker names them in X-Shows.

local shown = ngx.var.upstream_http_x_shows
if shown and (ngx.status == 200 or ngx.status == 304) then
    require("order_products").learn(ngx.var.cache_key, shown)
end
