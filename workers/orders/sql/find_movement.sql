SELECT kind, order_id FROM stock_movements WHERE id = $1::uuid
