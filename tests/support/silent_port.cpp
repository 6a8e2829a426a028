#include "tests/support/silent_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace {

constexpr int kLong = 128;       // More connections than a test makes.
constexpr int kNoAnswerMs = 50;  // Loopback answers within microseconds.

sockaddr_in AddressOf(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return address;
}

bool IsAnswered(int client) {
  pollfd socket{client, POLLOUT, 0};
  return poll(&socket, 1, kNoAnswerMs) > 0;
}

}  // namespace

SilentPort::SilentPort(Silence silence) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, silence == Silence::kAcceptsAll ? kLong : 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "a silent port");
  }
  if (silence == Silence::kAcceptsAll) return;
  // When its queue is full, Linux drops what asks to connect.
  do {
    fillers_.push_back(Connect());
  } while (IsAnswered(fillers_.back()));
}

SilentPort::~SilentPort() {
  for (const int filler : fillers_) close(filler);
  close(listener_);
}

std::string SilentPort::port() const {
  return std::to_string(ntohs(AddressOf(listener_).sin_port));
}

int SilentPort::TakeConnections() const {
  int count = 0;
  for (int peer = -1; (peer = accept(listener_, nullptr, nullptr)) >= 0; ++count) close(peer);
  return count;
}

int SilentPort::Connect() const {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const sockaddr_in address = AddressOf(listener_);
  static_cast<void>(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  return client;
}
