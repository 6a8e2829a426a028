-- Before a request fetches a product or an order for the cache. Here, not where its way was decided: it may have been
-- refused in between (limits.conf), and would never have given the room back.

if not require("cache_room").take() then
    return ngx.exec(ngx.var.uri:find("^/orders") and "@orders_uncached" or "@products_uncached")
end
