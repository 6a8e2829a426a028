-- The deadline for a request's body as a whole. nginx itself knows only one between two reads: a client that sends a
-- byte now and then would hold its connection and a buffer for hours.

local request_body = {}

-- Returns when the body has been read; what then asks a worker finds it. Hangs up after `seconds`, with 408 in the log,
-- as nginx does when a single read takes too long.
function request_body.read(seconds)
    local is_read = false
    local reader = ngx.thread.spawn(function()
        ngx.req.read_body()
        is_read = true
    end)
    if is_read then return end  -- It had come with the head, as nearly all do. A timer would cost them more than this.

    local timer = ngx.thread.spawn(function()
        ngx.sleep(seconds)
        ngx.exit(ngx.HTTP_REQUEST_TIMEOUT)
    end)
    ngx.thread.wait(reader)
    ngx.thread.kill(timer)
end

return request_body
