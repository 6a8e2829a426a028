#ifndef TESTS_SUPPORT_WAIT_UNTIL_H_
#define TESTS_SUPPORT_WAIT_UNTIL_H_

#include <chrono>
#include <functional>

// Waits until `condition` holds, and checks it every few milliseconds; false if it does not hold within `limit`. The
// limit only decides how long a failing test takes.
bool WaitUntil(const std::function<bool()>& condition, std::chrono::milliseconds limit = std::chrono::seconds(10));

#endif  // TESTS_SUPPORT_WAIT_UNTIL_H_
