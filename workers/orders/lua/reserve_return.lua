#!lua flags=allow-oom
-- Reserves a movement that takes nothing. Also when memory is full: goods come back, or an order goes.
-- KEYS: stock:pending. ARGV: the movement's id; its entry without the time.

add_pending(KEYS[1], ARGV[1], ARGV[2])
