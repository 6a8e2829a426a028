#ifndef WORKERS_COMMON_FAULT_POINT_H_
#define WORKERS_COMMON_FAULT_POINT_H_

namespace shop {

// Kills the process, as a crash would, where the environment variable FAULT_POINT is `name`; throws std::bad_alloc, the
// first time only, where FAULT_EXCEPTION is. Exists only in builds with -DSHOP_FAULT_POINTS, those for tests; elsewhere
// it is nothing.
#ifdef SHOP_FAULT_POINTS
void FaultPoint(const char* name);
#else
inline void FaultPoint(const char*) {}
#endif

}  // namespace shop

#endif  // WORKERS_COMMON_FAULT_POINT_H_
