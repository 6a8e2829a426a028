SELECT hash, order_id, body_sha256 = hash
FROM sha256(convert_to($2, 'UTF8')) AS hash LEFT JOIN idempotency_keys ON key = $1
