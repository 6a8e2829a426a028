// The loop of a prefork FastCGI worker. Only fastcgi_server.cpp uses libfcgi.
//
// What supervisors may rely on:
// - The listening socket is file descriptor 0 (FastCGI specification, section 2.2). Any number of processes may share
//   it.
// - The worker serves one request at a time. Each has a connection of its own, which is closed after the answer.
// - The worker hangs up on a peer that takes longer than 5 to 7 seconds to send its request, or to take its answer.
// - At SIGTERM or SIGUSR1 the worker answers the request at hand and, for at most 10 seconds, those that wait in the
//   socket's queue, then exits 0. multiwatch sends SIGUSR1.
// - Each answer has the header X-Took: how long the worker had the request, in microseconds. It is for the web server's
//   log alone.
// - SIGPIPE is ignored: a client that goes away does not end the worker.

#ifndef WORKERS_COMMON_FASTCGI_SERVER_H_
#define WORKERS_COMMON_FASTCGI_SERVER_H_

#include <functional>

#include "workers/common/http.h"
#include "workers/common/logger.h"
#include "workers/common/request_trace.h"

namespace shop {

using RequestHandler = std::function<HttpResponse(const HttpRequest&)>;

// Serves until SIGTERM or SIGUSR1 and returns the process's exit status, 0. Returns 1, after logging why, if file
// descriptor 0 is not a listening socket, or if anything was thrown; then the worker hangs up on the peer. Sets the
// logger's request id. Traces each request, and logs the slow ones once they are answered.
int ServeFastCgi(const RequestHandler& handle, RequestTrace* trace, Logger* logger);

}  // namespace shop

#endif  // WORKERS_COMMON_FASTCGI_SERVER_H_
