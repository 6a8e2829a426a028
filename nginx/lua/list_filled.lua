-- Says that the page of this request is in the cache, or is not going to be.
--
-- That is so when the request has ended. But a client that is slow to read its answer would let all others wait for that;
-- so it is said as soon as the last of the answer has come from the worker, and nginx, in the same turn of its event loop,
-- has stored it.

local function tell(_, key, is_cached)
    require("list_fills").set_filled(key, is_cached)
end

local is_cached = ngx.status == 200 or ngx.status == 304
if ngx.get_phase() == "log" then
    tell(nil, ngx.var.list_key, is_cached)
elseif ngx.arg[2] then
    ngx.timer.at(0, tell, ngx.var.list_key, is_cached)
end
