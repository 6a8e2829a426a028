// A FastCGI worker that does nothing: the limit of what any prefork worker behind nginx can serve.
//
//   spawn-fcgi -s SOCKET -n -- multiwatch -f 8 -- null-worker FILE
//
// FILE is a whole CGI response. Each request takes four system calls: accept, read, write, close. It uses neither
// libfcgi nor the shop's own loop: if those become slower, the limit must not become lower.

#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

constexpr int kListenFd = 0;

// The FastCGI specification, sections 3.3 and 8.
constexpr size_t kHeaderSize = 8;
constexpr size_t kMaxContent = 65535;
enum RecordType : char { kEndRequest = 3, kStdin = 5, kStdout = 6 };

size_t Byte(std::string_view bytes, size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// Whether the whole request has arrived. It ends with the empty record that ends its body.
bool IsComplete(std::string_view request) {
  while (request.size() >= kHeaderSize) {
    const size_t content = Byte(request, 4) << 8 | Byte(request, 5);
    if (request[1] == kStdin && content == 0) return true;
    const size_t record = kHeaderSize + content + Byte(request, 6);
    if (request.size() < record) return false;
    request.remove_prefix(record);
  }
  return false;
}

bool ReadRequest(int connection) {
  static char buffer[1 << 16];
  size_t size = 0;
  do {
    const ssize_t got = read(connection, buffer + size, sizeof buffer - size);
    if (got <= 0) return false;
    size += static_cast<size_t>(got);
  } while (!IsComplete({buffer, size}));
  return true;
}

// nginx sends one request on a connection, and numbers it 1.
std::string Record(RecordType type, const std::string& content) {
  const auto size = static_cast<unsigned>(content.size());
  return std::string{1, type, 0, 1, static_cast<char>(size >> 8), static_cast<char>(size & 0xff), 0, 0} + content;
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream file(argc == 2 ? argv[1] : "");
  const std::string response{std::istreambuf_iterator<char>(file), {}};
  if (response.empty() || response.size() > kMaxContent) {
    std::fputs("usage: null-worker FILE, with a CGI response of at most 64 kB\n", stderr);
    return 1;
  }
  const std::string answer =
      Record(kStdout, response) + Record(kStdout, "") + Record(kEndRequest, std::string(8, '\0'));
  for (;;) {
    const int connection = accept(kListenFd, nullptr, nullptr);
    if (connection < 0) continue;
    if (ReadRequest(connection) && write(connection, answer.data(), answer.size()) < 0) std::perror("null-worker");
    close(connection);
  }
}
