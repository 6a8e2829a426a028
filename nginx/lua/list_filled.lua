-- Runs after a request that had to fetch a list. Now its page is in the cache, or will not be.

local status = ngx.status
require("cache_room").give_back()
require("list_fills").set_filled(ngx.var.cache_key, status == 200 or status == 304)
