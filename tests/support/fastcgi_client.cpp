#include "tests/support/fastcgi_client.h"

#include <fastcgi.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace {

constexpr size_t kMaxContent = 65535;

// A stream is cut into records; an empty one ends it.
std::string Stream(int type, std::string_view content) {
  std::string records;
  for (; !content.empty(); content.remove_prefix(std::min(content.size(), kMaxContent))) {
    records += FastCgiRecord(type, content.substr(0, kMaxContent));
  }
  return records + FastCgiRecord(type, "");
}

std::string Length(size_t size) {
  if (size < 128) return {static_cast<char>(size)};
  return {static_cast<char>(0x80 | size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
          static_cast<char>(size)};
}

int ConnectTo(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    close(fd);
    throw std::system_error(error, std::generic_category(), "connect");
  }
  return fd;
}

}  // namespace

std::string FastCgiRecord(int type, std::string_view content, int request_id) {
  const std::string header = {FCGI_VERSION_1,
                              static_cast<char>(type),
                              static_cast<char>(request_id >> 8),
                              static_cast<char>(request_id & 0xFF),
                              static_cast<char>(content.size() >> 8),
                              static_cast<char>(content.size() & 0xFF),
                              0,
                              0};
  return header + std::string(content);
}

std::string FastCgiBegin(int role, int flags) {
  const std::string body = {
      static_cast<char>(role >> 8), static_cast<char>(role), static_cast<char>(flags), 0, 0, 0, 0, 0};
  return FastCgiRecord(FCGI_BEGIN_REQUEST, body);
}

std::string FastCgiRequest(const FastCgiParameters& parameters, std::string_view body) {
  return FastCgiBegin(FCGI_RESPONDER, 0) + FastCgiStreams(parameters, body);  // The connection is not kept.
}

std::string FastCgiStreams(const FastCgiParameters& parameters, std::string_view body) {
  std::string pairs;
  for (const auto& [name, value] : parameters) pairs += Length(name.size()) + Length(value.size()) + name + value;
  return Stream(FCGI_PARAMS, pairs) + Stream(FCGI_STDIN, body);
}

FastCgiConnection::FastCgiConnection(const std::string& path) : FastCgiConnection(ConnectTo(path)) {}

FastCgiConnection::FastCgiConnection(int connected) : fd_(connected) {
  const timeval patience{10, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

FastCgiConnection::~FastCgiConnection() {
  if (fd_ >= 0) close(fd_);
}

void FastCgiConnection::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

bool FastCgiConnection::IsEverythingRead() const {
  int unread = 0;
  return ioctl(fd_, SIOCOUTQ, &unread) == 0 && unread == 0;
}

bool FastCgiConnection::IsHungUp(std::chrono::milliseconds limit) const {
  pollfd socket{fd_, POLLRDHUP, 0};
  return poll(&socket, 1, static_cast<int>(limit.count())) > 0;
}

std::string FastCgiConnection::Receive() const {
  std::string output;
  for (;;) {
    const std::string header = ReceiveExactly(FCGI_HEADER_LEN);
    if (header.empty()) return "";
    const auto byte = [&header](size_t i) { return static_cast<unsigned char>(header[i]); };
    const size_t content_size = static_cast<size_t>(byte(4) << 8 | byte(5));
    const std::string content = ReceiveExactly(content_size + byte(6));
    if (byte(1) == FCGI_STDOUT) output += content.substr(0, content_size);
    if (byte(1) == FCGI_END_REQUEST) {
      shutdown(fd_, SHUT_RDWR);
      return output;
    }
  }
}

std::string FastCgiConnection::ReceiveExactly(size_t size) const {
  std::string bytes(size, '\0');
  const ssize_t got = recv(fd_, bytes.data(), size, MSG_WAITALL);
  return got == static_cast<ssize_t>(size) ? bytes : "";
}
