#include "workers/common/fault_point.h"

#ifdef SHOP_FAULT_POINTS

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace shop {

void FaultPoint(const char* name) {
  const char* wanted = std::getenv("FAULT_POINT");
  if (wanted != nullptr && std::strcmp(wanted, name) == 0) std::raise(SIGKILL);
}

}  // namespace shop

#endif
