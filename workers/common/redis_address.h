// Where Redis is, and who logs in there.

#ifndef WORKERS_COMMON_REDIS_ADDRESS_H_
#define WORKERS_COMMON_REDIS_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shop {

struct RedisAddress {
  std::string socket;  // The path of a unix socket. Empty: Redis is at `host` and `port`.
  std::string host;
  uint16_t port = 0;
  std::string username;       // Empty: Redis' user `default`.
  std::string password_file;  // Its path; the file is read for each new connection. Empty: nobody logs in.

  std::string Text() const;  // As ParseRedisAddress takes it.
};

// Reads the absolute path of a unix socket, or host:port. An IPv6 address may be in brackets: [::1]:6379. No URL: a URL
// may contain a password, which each message about the connection would show.
std::optional<RedisAddress> ParseRedisAddress(std::string_view text);

// Reads a file whose only line is the password. Returns what is wrong with the file, in words that show nothing of it;
// empty if nothing is wrong.
//
// Each new connection reads the file again, so a new password needs no restart: let Redis' user have both passwords,
// replace the file, and take the old password away once every connection has been renewed or may stay.
std::string ReadRedisPassword(const std::string& path, std::string* password);

}  // namespace shop

#endif  // WORKERS_COMMON_REDIS_ADDRESS_H_
