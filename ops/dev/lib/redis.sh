# shellcheck shell=bash
# Redis: a private server with the products.

redis_answers() {
  [ "$(redis-cli -s "$RUN_DIR/redis/redis.sock" ping)" = PONG ]
}

start_redis() {
  start_daemon redis "$SHOP_USER" redis-server "$RUN_DIR/redis/redis.conf"
  wait_until_ready redis redis_answers
}

up_redis() {
  render "$PROJECT/ops/dev/conf/redis.conf" >redis/redis.conf
  ensure_running redis "$(fingerprint redis/redis.conf)"
}
