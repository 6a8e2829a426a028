-- Runs after a request that had to fetch a list. Now its page is in the cache, or will not be.

local is_page = ngx.status == 200 or ngx.status == 304
local is_cached = is_page and ngx.var.shows_uncounted == ""
require("cache_room").give_back()
require("list_fills").set_filled(ngx.var.cache_key, is_cached)
if is_page then require("list").learn(ngx.var.upstream_http_x_shows, is_cached) end
