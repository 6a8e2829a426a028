// The web server's end of a FastCGI connection, with what the tests need: one request, one answer.

#ifndef TESTS_SUPPORT_FASTCGI_CLIENT_H_
#define TESTS_SUPPORT_FASTCGI_CLIENT_H_

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using FastCgiParameters = std::vector<std::pair<std::string, std::string>>;

// One record. FastCGI specification, section 3.3; the numbers of types, roles and flags are in fastcgi.h.
std::string FastCgiRecord(int type, std::string_view content, int request_id = 1);

// The record that begins a request.
std::string FastCgiBegin(int role, int flags);

// The records of a request as nginx sends them, with the body in one stream. FastCGI specification, section 6.
std::string FastCgiRequest(const FastCgiParameters& parameters, std::string_view body);

// The same, without the record that begins the request.
std::string FastCgiStreams(const FastCgiParameters& parameters, std::string_view body);

class FastCgiConnection {
 public:
  // To the worker that serves the unix socket at `path`. Throws std::system_error if there is none.
  explicit FastCgiConnection(const std::string& path);

  // Takes a connected socket.
  explicit FastCgiConnection(int connected);

  ~FastCgiConnection();
  FastCgiConnection(FastCgiConnection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FastCgiConnection& operator=(FastCgiConnection&&) = delete;

  // Sends all of `bytes`. It is not an error if the worker does not read them all.
  void Send(std::string_view bytes) const;

  // Whether the worker has read all that was sent.
  bool IsEverythingRead() const;

  // Whether the worker hangs up within `limit`.
  bool IsHungUp(std::chrono::milliseconds limit = std::chrono::seconds(10)) const;

  // What the worker writes to its standard output until it ends the request; empty if it hangs up earlier, or is silent
  // for ten seconds. Then hangs up, as nginx does; the worker waits a second for that.
  std::string Receive() const;

 private:
  std::string ReceiveExactly(size_t size) const;

  int fd_ = -1;
};

#endif  // TESTS_SUPPORT_FASTCGI_CLIENT_H_
