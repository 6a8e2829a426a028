-- Which products an order shows: their slots. That never changes, so nginx remembers it from the worker's answer. It
-- may forget it at any time, when others need the room.

local counters = require("counters")

local order_products = {}

local dict = ngx.shared.order_products

-- The name of an order in the dictionary. With the order's own generation: an id may be used again, for another order,
-- after orders were lost.
function order_products.name(own, id)
    return ("%d %s"):format(own, id)
end

-- The sum of the counters of the order's products; nil if they are not known. `own` is the order's own generation.
function order_products.generation(own, id)
    local slots = dict:get(order_products.name(own, id))
    if not slots then return nil end
    local sum = 0
    for i = 1, #slots, 2 do
        local high, low = slots:byte(i, i + 1)
        sum = sum + counters.get("p" .. 256 * high + low)
    end
    return sum
end

-- Remembers the products that `shown` names, as in "p12 p4711", for the order of that name.
function order_products.learn(order_name, shown)
    local slots = {}
    for slot in shown:gmatch("p(%d+)") do
        slots[#slots + 1] = string.char(math.floor(slot / 256), slot % 256)
    end
    dict:set(order_name, table.concat(slots))
end

return order_products
