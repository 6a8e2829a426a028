-- One kind of request, for wrk: wrk -s requests.lua URL -- KIND [STORED [AFTER]]
--
-- KIND is a name below, or a path to GET. STORED is the number of products and of orders; each request takes one at
-- random. AFTER is where a list's page begins; for post-product it is a part of the new ids. A path in URL is put
-- before the path of each request. sample.py reads the last line.

local kind, stored, after, prefix
local created, walked = 0, 0

local function get(path)
  return "GET " .. prefix .. path .. " HTTP/1.1\r\nHost: localhost\r\n\r\n"
end

local function post(path, body)
  return "POST " .. prefix .. path .. " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" ..
    "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

-- As stores.py numbers them.
local function a_product()
  return string.format("%012d", math.random(0, stored - 1))
end

-- Another number each time, until all were there.
local function step()
  walked = (walked + 7919) % stored
  return walked
end

local kinds = {
  ["walk-products"] = function() return get(string.format("/products/%012d", step())) end,
  ["walk-orders"] = function() return get("/orders/" .. step() + 1) end,
  ["get-product"] = function() return get("/products/" .. a_product()) end,
  ["get-order"] = function() return get("/orders/" .. math.random(1, stored)) end,
  ["list-orders"] = function() return get(after and "/orders?after=" .. after or "/orders") end,
  ["list-products"] = function() return get(after and "/products?after=" .. after or "/products") end,
  ["post-product"] = function()
    created = created + 1
    return post("/products", '{"id": "new-' .. after .. "-" .. created ..
      '", "title": "The Odyssey", "passenger_capacity": 101, "maximum_speed": 5, "in_stock": 1000000}')
  end,
  ["post-order"] = function()
    return post("/orders", '{"order_details": [{"product_id": "' .. a_product() ..
      '", "price": "100000.99", "quantity": 1}]}')
  end,
}

function init(args)
  stored, after = tonumber(args[2]), args[3]
  prefix = wrk.path == "/" and "" or wrk.path
  kind = kinds[args[1]] or function() return get(args[1]) end
  math.randomseed(os.time())
  walked = stored and math.random(0, stored - 1) or 0
end

function request()
  return kind()
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status,
    latency:percentile(50), latency:percentile(99), latency.mean))
end
