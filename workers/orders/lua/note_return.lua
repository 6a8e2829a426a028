#!lua flags=allow-oom
-- Notes a movement that takes nothing. Also when memory is full: goods come back, or an order goes.
-- KEYS: stock:pending. ARGV: the movement's id; its note.

note_movement(KEYS[1], ARGV[1], ARGV[2])
