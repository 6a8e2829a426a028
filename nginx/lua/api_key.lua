-- The API key of a request. Nothing keeps it: api_keys.conf knows clients by the digests of their keys.

local ffi = require("ffi")

-- OpenSSL's, and nginx's own. SHA256() would take six times as long: it looks for the algorithm each time.
ffi.cdef([[
    int SHA256_Init(void *context);
    int SHA256_Update(void *context, const void *text, size_t size);
    int SHA256_Final(unsigned char *digest, void *context);
    unsigned char *ngx_hex_dump(unsigned char *to, const unsigned char *from, size_t size);
]])

local api_key = {}

local BEARER = "bearer "
local LENGTH = #"airship_" + 43  -- 256 bits in base64, as ops/api-keys draws them.

local context = ffi.new("uint64_t[32]")  -- Twice the size of OpenSSL's SHA256_CTX.
local digest = ffi.new("unsigned char[32]")
local hex = ffi.new("unsigned char[64]")

-- From "Authorization: Bearer <key>", else from "X-API-Key: <key>", for a client that uses Authorization otherwise.
-- Without patterns, which LuaJIT does not compile.
local function sent_key()
    local authorization = ngx.var.http_authorization
    if authorization and authorization:sub(1, #BEARER):lower() == BEARER then return authorization:sub(#BEARER + 1) end
    return ngx.var.http_x_api_key
end

-- The SHA-256 of the key, in hex; empty if there is none of a key's length.
function api_key.digest()
    local key = sent_key()
    if not key or #key ~= LENGTH then return "" end
    ffi.C.SHA256_Init(context)
    ffi.C.SHA256_Update(context, key, #key)
    ffi.C.SHA256_Final(digest, context)
    ffi.C.ngx_hex_dump(hex, digest, 32)
    return ffi.string(hex, 64)
end

return api_key
