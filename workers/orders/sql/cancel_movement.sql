-- If a statement is recording the movement just now, this one waits for it.
INSERT INTO stock_movements (id, kind) VALUES ($1::uuid, 'cancelled') ON CONFLICT (id) DO NOTHING RETURNING id
