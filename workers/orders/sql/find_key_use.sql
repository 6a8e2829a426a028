SELECT order_id, body_sha256 = sha256(convert_to($2, 'UTF8')) FROM idempotency_keys WHERE key = $1
