# shellcheck shell=bash
# Redis: a private server for products, stock and events.

ping_redis() {
  run_as "$REDIS_USER" timeout 5 redis-cli -s "$RUN_DIR/redis/redis.sock" ping
}

redis_answers() {
  [ "$(ping_redis)" = PONG ]
}

# Any answer will do: while it reads its data, Redis answers with an error.
is_whole_redis() {
  ping_redis >/dev/null 2>&1
}

start_redis() {
  start_daemon redis "$REDIS_USER" redis-server "$RUN_DIR/conf/redis.conf" </dev/null
  wait_until_ready redis redis_answers
}

up_redis() {
  create_log redis
  render "$PROJECT/ops/dev/conf/redis.conf" >conf/redis.conf
  ensure_running redis "$(fingerprint conf/redis.conf)"
}
