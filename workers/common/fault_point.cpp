#include "workers/common/fault_point.h"

#ifdef SHOP_FAULT_POINTS

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>

namespace shop {
namespace {

bool IsSet(const char* variable, const char* value) {
  const char* wanted = std::getenv(variable);
  return wanted != nullptr && std::strcmp(wanted, value) == 0;
}

}  // namespace

void FaultPoint(const char* name) {
  if (IsSet("FAULT_POINT", name)) std::raise(SIGKILL);
  if (IsSet("FAULT_EXCEPTION", name)) {
    unsetenv("FAULT_EXCEPTION");
    throw std::bad_alloc();
  }
}

}  // namespace shop

#endif
