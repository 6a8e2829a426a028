-- The generations of orders and products start from the clock, in microseconds. An earlier nginx, whose pages may still
-- be in the cache, cannot have counted that far. A reload finds the generations there, and keeps them.

for _, name in ipairs({ "orders", "products" }) do
    ngx.shared.generations:add(name, ngx.now() * 1e6)
end
