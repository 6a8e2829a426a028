#!lua flags=allow-oom
-- Notes a movement that takes nothing. Also when memory is full: goods come back, or an order goes.
-- KEYS: stock:pending. ARGV: the movement's id; {"take": [], "give_back": items}.

note_movement(KEYS[1], ARGV[1], cjson.decode(ARGV[2]))
