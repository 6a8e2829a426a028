-- Waits for a statement that is just recording the movement.
INSERT INTO stock_movements (id, kind) VALUES ($1::uuid, 'cancelled') ON CONFLICT (id) DO NOTHING RETURNING id
