#ifndef WORKERS_ORDERS_RETENTION_H_
#define WORKERS_ORDERS_RETENTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "workers/common/status.h"

namespace shop {

// Removes what is kept for 24 hours only, one batch with each call. Each may fail with kUnavailable or with
// kUnknownOutcome; after both it is safe to call again.
class Retention {
 public:
  virtual ~Retention() = default;

  // The size of a batch. If `removed` is less, nothing that old is left.
  static constexpr size_t kBatchSize = 1000;

  // Movements, except those in `keep`, which must be UUIDs.
  virtual Status PurgeMovements(const std::vector<std::string>& keep, size_t* removed) = 0;

  virtual Status PurgeIdempotencyKeys(size_t* removed) = 0;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_RETENTION_H_
