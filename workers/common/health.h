#ifndef WORKERS_COMMON_HEALTH_H_
#define WORKERS_COMMON_HEALTH_H_

#include <functional>
#include <string>
#include <vector>

#include "workers/common/router.h"

namespace shop {

struct HealthCheck {
  std::string part;               // The name clients see.
  std::function<Status()> check;  // Ok if the part answers and, if it is a store, takes writes.
};

// GET /health of one worker: {"redis":"up"}, with 200 if every part is up. Else 503; a part that is not up is "down" or
// "read-only".
Resource HealthResource(std::vector<HealthCheck> checks);

}  // namespace shop

#endif  // WORKERS_COMMON_HEALTH_H_
