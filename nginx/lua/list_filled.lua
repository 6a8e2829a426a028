-- Runs after a request that had to fetch a page. Now the page is in the cache, or will not be.

local status = ngx.status
require("list_room").give_back()
require("list_fills").set_filled(ngx.var.list_key, status == 200 or status == 304)
