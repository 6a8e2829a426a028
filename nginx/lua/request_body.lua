-- The deadline for a whole request body. nginx itself has only a deadline between two reads: a client that sends a byte
-- now and then would hold its connection and a buffer for hours.

local request_body = {}

-- LuaJIT's own coroutines, under the names that ngx_http_lua puts them aside by. Its scheduler does not know them. One
-- of its threads for each body would take a tenth of nginx's time for a write.
local create, resume, status, yield = coroutine._create, coroutine._resume, coroutine._status, coroutine._yield

local function hang_up_after(seconds)
    ngx.sleep(seconds)
    ngx.exit(ngx.HTTP_REQUEST_TIMEOUT)
end

-- Returns when nginx has read the body. Hangs up after `seconds`, with 408 in the log, as nginx does when a single read
-- takes too long.
function request_body.read(seconds)
    local reader = create(ngx.req.read_body)
    local is_sound, problem = resume(reader)
    if not is_sound then error(problem) end
    if status(reader) == "dead" then return end  -- It came with the head. A timer would cost more than this.

    -- The reader has yielded to this coroutine. The scheduler takes this one for the reader: when the body is there, it
    -- resumes this one.
    local timer = ngx.thread.spawn(hang_up_after, seconds)
    yield()
    ngx.thread.kill(timer)
end

return request_body
