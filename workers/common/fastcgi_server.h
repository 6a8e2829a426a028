// The loop of a prefork FastCGI worker. fastcgi_server.cpp alone knows libfcgi.
//
// What supervisors may rely on:
// - The listening socket is file descriptor 0, as the FastCGI specification, section 2.2, has it; any number of
//   processes may share it.
// - One request at a time; each takes a connection of its own, which is closed after the answer.
// - A peer that does not send its whole request within 5 seconds, or does not take its answer within 5, is hung up on.
// - SIGTERM, or SIGUSR1, which multiwatch sends: the request at hand and those that wait in the socket's queue are
//   answered, then the process exits 0.
// - SIGPIPE is ignored: a client that goes away ends nothing.

#ifndef WORKERS_COMMON_FASTCGI_SERVER_H_
#define WORKERS_COMMON_FASTCGI_SERVER_H_

#include <functional>

#include "workers/common/http.h"
#include "workers/common/logger.h"

namespace shop {

using RequestHandler = std::function<HttpResponse(const HttpRequest&)>;

// Serves until one of these signals and returns the process's exit status: 0, or 1 after logging why if fd 0 is not a
// socket to accept connections from, or if anything was thrown: the peer is hung up on then. Sets the logger's request
// id.
int ServeFastCgi(const RequestHandler& handle, Logger* logger);

}  // namespace shop

#endif  // WORKERS_COMMON_FASTCGI_SERVER_H_
