// What a connection to any store promises when its server goes away and comes back.

#ifndef TESTS_SUPPORT_CONNECTION_CASES_H_
#define TESTS_SUPPORT_CONNECTION_CASES_H_

#include <chrono>
#include <functional>

#include "tests/support/checks.h"

using Operation = std::function<shop::Status()>;

// Checks that `operation` gives `code` within `limit`.
inline void CheckTakesAtMost(std::chrono::milliseconds limit, shop::StatusCode code, const Operation& operation) {
  const auto begin = std::chrono::steady_clock::now();
  const shop::Status status = operation();
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  CHECK_STATUS(code, status);
  CHECK_TEXT(taken <= limit, StringFrom(static_cast<long>(taken.count())).asCharString());
}

// `read` reads what `write` has written; both may be repeated.
template <typename Server>
void CheckWorksAtOnceAfterARestart(Server& server, const Operation& read, const Operation& write) {
  CHECK_OK(write());
  for (const Operation& operation : {read, write, read}) {
    server.Stop();
    server.Start();
    CHECK_OK(operation());
  }
}

template <typename Server>
void CheckIsUnavailableWhileItIsAway(Server& server, std::chrono::milliseconds timeout, const Operation& read,
                                     const Operation& write) {
  server.Stop();
  for (const Operation& operation : {read, write, read, write}) {
    CheckTakesAtMost(timeout, shop::StatusCode::kUnavailable, operation);
  }
  server.Start();
  CHECK_OK(write());
  CHECK_OK(read());
}

#endif  // TESTS_SUPPORT_CONNECTION_CASES_H_
