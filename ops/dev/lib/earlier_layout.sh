# shellcheck shell=bash
# A stack of an earlier version, which make up takes over. If root had started it, RUN_DIR and most of what is in it
# belonged to www-data, the data of Redis included. So www-data may have prepared whatever root finds here.

has_earlier_layout() {
  is_own_file "$RUN_DIR/$MARKER" && [ ! -d "$RUN_DIR/conf" ] && [ -d "$RUN_DIR/pids" ] && [ -d "$RUN_DIR/postgres" ]
}

# After the chown nobody else can change the names in RUN_DIR. So only then it checks them.
take_run_dir_over() {
  local name
  require_trusted_path "$(dirname "$RUN_LINK")"
  require_trusted_path "$(dirname "$RUN_DIR")"
  [[ $(stat -c %U "$RUN_DIR") =~ ^($NGINX_USER|$CALLER)$ ]] || require_own_stack
  chown -h "$CALLER" "$RUN_DIR"
  chmod 0755 "$RUN_DIR"
  for name in bin log nginx pids postgres redis state; do
    [ ! -L "$RUN_DIR/$name" ] || fail "not a stack's folder, but a link: $RUN_DIR/$name"
  done
}

# Copies with the rights of the two users alone: one reads, the other writes. Root itself copies nothing.
give_data_to_redis() {
  local user
  [ -d redis ] || mv -T redis.old redis  # This was interrupted between its two renames.
  user=$(stat -c %U redis)
  rm -rf redis.new
  if [ "$user" != "$REDIS_USER" ]; then
    rm -rf redis.old
    mkdir -m 0700 redis.new
    chown "$REDIS_USER" redis.new
    run_as "$user" tar -C redis --exclude='./redis.*' -cf - . | run_as "$REDIS_USER" tar -C redis.new --no-overwrite-dir -xf - ||
      fail "Redis' data cannot be copied from $RUN_DIR/redis to $RUN_DIR/redis.new"
    mv -T redis redis.old
    mv -T redis.new redis
  fi
  rm -rf redis.old
}

# In the earlier version the list cache was behind a link.
wipe_earlier_cache() {
  local folder
  if folder=$(readlink nginx/cache_orders) && [[ $folder =~ ^/dev/shm/airship-shop\.[A-Za-z0-9]{8}$ ]]; then
    run_as "$NGINX_USER" find "$folder" -delete || true
  fi
}

# Keeps the data, and the logs that only root could write. All else is made again.
bring_layout_up_to_date() {
  chown -h "$CALLER" log nginx pids
  find pids -mindepth 1 ! -type f -delete
  stop_stack
  give_data_to_redis
  run_as "$POSTGRES_USER" find postgres -maxdepth 1 -name '*.conf' -delete
  wipe_earlier_cache
  rm -rf --one-file-system bin nginx pids state
  find log -mindepth 1 ! \( -type f -links 1 -user "$CALLER" \) -delete
  find log -type f -exec chmod 0600 {} +
  chmod 0600 "$MARKER"
  rm -f -- *.env *.sock*
}
