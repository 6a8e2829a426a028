-- One user of the load test, for wrk: wrk -t1 -c1 -s load.lua URL -- USER CSV
--
-- Goes through the steps of nex-bzt.yml again and again. For each second and label it prints a line for load_test.py:
-- "step SECOND LABEL ERRORS MICROSECONDS BUCKET:COUNT ...", with the buckets of histogram.py.

local ffi = require("ffi")
ffi.cdef [[
  struct shop_time { long seconds; long nanoseconds; };
  int clock_gettime(int clock, struct shop_time* time);
]]
local CLOCK_MONOTONIC = 1
local BUCKETS = 50

local time = ffi.new("struct shop_time")
local function now_us()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
  return tonumber(time.seconds) * 1e6 + tonumber(time.nanoseconds) / 1e3
end

local user, products
local round, order_id = 0, nil

local function product()
  return products[round % #products + 1]
end

-- As in nex-bzt.yml, each product has its own id.
local function product_id()
  return product().id .. "-" .. user .. "-" .. round
end

-- A path in URL is put before the path of each request.
local function send(method, path, body)
  local prefix = wrk.path == "/" and "" or wrk.path
  return wrk.format(method, prefix .. path, body and {["Content-Type"] = "application/json"}, body)
end

local steps = {
  {label = "products-create", expected = 200, request = function()
    local p = product()
    return send("POST", "/products", string.format(
      '{"id": "%s", "title": "%s", "passenger_capacity": %s, "maximum_speed": %s, "in_stock": %s}',
      product_id(), p.title, p.passenger_capacity, p.maximum_speed, p.in_stock))
  end},
  {label = "product-get", expected = 200, request = function() return send("GET", "/products/" .. product_id()) end},
  {label = "orders-create", expected = 200, request = function()
    return send("POST", "/orders", '{"order_details": [{"product_id": "' .. product_id() ..
      '", "price": "100000.99", "quantity": 1}]}')
  end, response = function(body) order_id = string.match(body, '"id": ?(%d+)') end},
  {label = "order-get", expected = 200, request = function() return send("GET", "/orders/" .. order_id) end},
  {label = "orders-list", expected = 200, request = function() return send("GET", "/orders") end},
  {label = "product-delete", expected = 204, request = function()
    return send("DELETE", "/products/" .. product_id())
  end},
  {label = "order-delete", expected = 204, request = function() return send("DELETE", "/orders/" .. order_id) end},
}

-- Every second round ends after this step, and leaves its product and order: the test needs a shop that fills.
local LAST_OF_EVEN_ROUNDS = 5

local position = 1
local started  -- The time at which the current request was sent; nil when it has its answer.
local second, seen

local function report()
  for label, of_label in pairs(seen) do
    local line = {"step", second, label, of_label.errors, string.format("%d", of_label.sum)}
    for bucket, count in pairs(of_label.buckets) do line[#line + 1] = bucket .. ":" .. count end
    io.write(table.concat(line, " "), "\n")
  end
  io.flush()
end

local function record(us, is_error)
  local now = math.floor(now_us() / 1e6)
  if now ~= second then
    if second then report() end
    second, seen = now, {}
  end
  local label = steps[position].label
  local of_label = seen[label] or {errors = 0, sum = 0, buckets = {}}
  seen[label] = of_label
  of_label.errors = of_label.errors + (is_error and 1 or 0)
  of_label.sum = of_label.sum + us
  local bucket = math.floor(math.log(math.max(us, 1)) * BUCKETS)
  of_label.buckets[bucket] = (of_label.buckets[bucket] or 0) + 1
end

local function next_round()
  round, position = round + 1, 1
end

local function advance()
  position = position + 1
  if position > #steps or round % 2 == 0 and position > LAST_OF_EVEN_ROUNDS then next_round() end
end

function init(args)
  user, products = args[1], {}
  local lines = io.lines(args[2])
  lines()  -- The names of the columns.
  for line in lines do
    local id, title, passengers, speed, stock = string.match(line, "^([^;]*);([^;]*);(%d+);(%d+);(%d+)")
    products[#products + 1] =
      {id = id, title = title, passenger_capacity = passengers, maximum_speed = speed, in_stock = stock}
  end
end

-- At its start wrk calls request() once without sending the result.
local rehearsed = false

function request()
  if not rehearsed then
    rehearsed = true
    return steps[1].request()
  end
  if started then  -- The connection broke before the answer, and wrk has connected again.
    record(now_us() - started, true)
    next_round()
  end
  started = now_us()
  return steps[position].request()
end

function response(status, _, body)
  local step = steps[position]
  local is_error = status ~= step.expected
  record(now_us() - started, is_error)
  started = nil
  if is_error then return next_round() end
  if step.response then step.response(body) end
  advance()
end
