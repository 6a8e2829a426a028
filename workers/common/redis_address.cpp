#include "workers/common/redis_address.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "workers/common/integer.h"

namespace shop {
namespace {

constexpr size_t kMaxPassword = 1024;  // Bytes.
// The last two are for IPv6.
constexpr std::string_view kHostCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%";

}  // namespace

std::string RedisAddress::Text() const {
  return socket.empty() ? host + ":" + std::to_string(port) : socket;
}

std::optional<RedisAddress> ParseRedisAddress(std::string_view text) {
  RedisAddress address;
  if (text.starts_with('/')) {
    address.socket = text;
    return address;
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port = ParseInteger<uint16_t>(text.substr(colon + 1));
  if (!port || *port == 0 || host.empty() || host.find_first_not_of(kHostCharacters) != std::string_view::npos) {
    return std::nullopt;
  }
  address.host = host;
  address.port = *port;
  return address;
}

std::string ReadRedisPassword(const std::string& path, std::string* password) {
  if (!path.starts_with('/')) return "its path must begin with /";
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (error) return error.message();
  if (!std::filesystem::is_regular_file(status)) return "it is no regular file";
  std::ifstream file(path, std::ios::binary);
  if (!file) return "it cannot be read";
  password->resize(kMaxPassword + 2);  // With a newline, and one byte that would be too much.
  file.read(password->data(), static_cast<std::streamsize>(password->size()));
  password->resize(static_cast<size_t>(file.gcount()));
  if (password->ends_with('\n')) password->pop_back();
  if (password->empty()) return "it is empty";
  if (password->find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos) return "it has more than one line";
  if (password->size() > kMaxPassword) return "it has more than " + std::to_string(kMaxPassword) + " bytes";
  return "";
}

}  // namespace shop
