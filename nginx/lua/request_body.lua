-- The deadline for a whole request body. nginx itself has only a deadline between two reads: a client that sends a byte
-- now and then would hold its connection and a buffer for hours.

local request_body = {}

-- Returns when nginx has read the body. Hangs up after `seconds`, with 408 in the log, as nginx does when a single read
-- takes too long.
function request_body.read(seconds)
    local is_read = false
    local reader = ngx.thread.spawn(function()
        ngx.req.read_body()
        is_read = true
    end)
    if is_read then return end  -- It came with the head, as nearly all do. A timer would cost those more than this.

    local timer = ngx.thread.spawn(function()
        ngx.sleep(seconds)
        ngx.exit(ngx.HTTP_REQUEST_TIMEOUT)
    end)
    ngx.thread.wait(reader)
    ngx.thread.kill(timer)
end

return request_body
