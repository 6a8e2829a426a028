-- After a request that was to fetch a page: it is in the cache, or is not going to be.

local status = ngx.status
require("list_room").give_back()
require("list_fills").set_filled(ngx.var.list_key, status == 200 or status == 304)
