-- The deadline for a whole request body. nginx itself has only a deadline between two reads: a client that sends a byte
-- now and then would hold its connection and a buffer for hours.

local request_body = {}

local function read_body()
    ngx.req.read_body()
end

-- Returns when nginx has read the body. Hangs up after `seconds`, with 408 in the log, as nginx does when a single read
-- takes too long.
function request_body.read(seconds)
    local reader = ngx.thread.spawn(read_body)
    if coroutine.status(reader) == "dead" then return end  -- It came with the head. A timer would cost more than this.

    local timer = ngx.thread.spawn(function()
        ngx.sleep(seconds)
        ngx.exit(ngx.HTTP_REQUEST_TIMEOUT)
    end)
    ngx.thread.wait(reader)
    ngx.thread.kill(timer)
end

return request_body
