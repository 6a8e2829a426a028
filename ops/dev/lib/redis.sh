# shellcheck shell=bash
# Redis: a private server with the products.

ping_redis() {
  run_as "$REDIS_USER" timeout 5 redis-cli -s "$RUN_DIR/redis/redis.sock" ping
}

redis_answers() {
  [ "$(ping_redis)" = PONG ]
}

# Whatever it answers: it says so for as long as it reads its data.
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
