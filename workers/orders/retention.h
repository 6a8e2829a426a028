#ifndef WORKERS_ORDERS_RETENTION_H_
#define WORKERS_ORDERS_RETENTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "workers/common/status.h"

namespace shop {

// Removes what is kept for 24 hours only, a batch with each call. Each may fail with kUnavailable, or with
// kUnknownOutcome: then it is safe to call again.
class Retention {
 public:
  virtual ~Retention() = default;

  // `removed` is less than this when nothing that old is left.
  static constexpr size_t kBatchSize = 1000;

  // Movements, but for those that are `noted`, all of which are UUIDs.
  virtual Status PurgeMovements(const std::vector<std::string>& noted, size_t* removed) = 0;

  virtual Status PurgeIdempotencyKeys(size_t* removed) = 0;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_RETENTION_H_
