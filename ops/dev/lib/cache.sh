# shellcheck shell=bash
# The folder of the edge cache. After each write the cache makes and removes a file for each page. ext4 gets slower at
# making files the more were removed in the last half minute. So the folder is on a tmpfs of its own if root runs the
# stack and may mount, else on the disk. nginx/edge_cache.conf has the rest.

readonly CACHE=nginx/cache_orders
readonly CACHE_SIZE_MB=512  # Of the tmpfs, which takes memory only as it is used.
readonly CACHE_ON_DISK_MB=256  # What max_size allows, and what is added before nginx looks again.

cache_is_mounted() {
  mountpoint --quiet "$RUN_DIR/$CACHE"
}

mount_cache() {
  local user
  [ "$EUID" -eq 0 ] || return 0
  if ! cache_is_mounted; then
    user=uid=$(id -u "$NGINX_USER"),gid=$(id -g "$NGINX_USER")
    mount -t tmpfs -o "size=${CACHE_SIZE_MB}m,mode=0700,$user,noexec,nosuid,nodev" airship-shop "$RUN_DIR/$CACHE" 2>/dev/null ||
      true  # Not every container may.
  fi
}

unmount_cache() {
  ! cache_is_mounted || umount "$RUN_DIR/$CACHE" 2>/dev/null || umount --lazy "$RUN_DIR/$CACHE"
}
