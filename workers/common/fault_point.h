#ifndef WORKERS_COMMON_FAULT_POINT_H_
#define WORKERS_COMMON_FAULT_POINT_H_

namespace shop {

// For tests: kills the process, as a crash would, if the environment variable FAULT_POINT is `name`. Throws
// std::bad_alloc, the first time only, if FAULT_EXCEPTION is `name`. Exists only in builds with -DSHOP_FAULT_POINTS,
// those for tests; in other builds it does nothing.
#ifdef SHOP_FAULT_POINTS
void FaultPoint(const char* name);
#else
inline void FaultPoint(const char*) {}
#endif

}  // namespace shop

#endif  // WORKERS_COMMON_FAULT_POINT_H_
