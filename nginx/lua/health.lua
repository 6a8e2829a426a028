-- Asks both pools at once and answers what is up, in the order below:
-- {"products":"up","orders":"up","redis":"up","postgres":"up"}. 200 if all of it is up, else 503.
--
-- A pool that answers is up, whatever it says about its stores. A store is down if one pool cannot reach it, read-only
-- if one cannot write to it, and unknown if no pool could tell.

local PARTS = { "products", "orders", "redis", "postgres" }

-- The pools get this request's id.
local options = { share_all_vars = true }
local products, orders = ngx.location.capture_multi({
    { "/health/products", options },
    { "/health/orders", options },
})

-- "up", "read-only" or "down"; nil if the answer does not say. Then it is nginx's answer, because no worker gave one.
local function store_state(answer, store)
    return answer.body:match('"' .. store .. '"%s*:%s*"([%a-]+)"')
end

local function merge(one, other)
    for _, state in ipairs({ "down", "read-only", "up" }) do
        if one == state or other == state then return state end
    end
    return "unknown"
end

local state = {
    products = store_state(products, "redis") and "up" or "down",
    orders = store_state(orders, "postgres") and "up" or "down",
    redis = merge(store_state(products, "redis"), store_state(orders, "redis")),
    postgres = merge(store_state(orders, "postgres")),
}

local all_up = true
local members = {}
for i, part in ipairs(PARTS) do
    all_up = all_up and state[part] == "up"
    members[i] = '"' .. part .. '":"' .. state[part] .. '"'
end
local body = "{" .. table.concat(members, ",") .. "}"

if not all_up then ngx.status = 503 end
ngx.header["Content-Type"] = "application/json"
ngx.header["Cache-Control"] = "no-store"
ngx.header["Content-Length"] = #body
ngx.print(body)
