#ifndef WORKERS_ORDERS_ROUND_LOG_H_
#define WORKERS_ORDERS_ROUND_LOG_H_

#include "workers/common/logger.h"
#include "workers/common/status.h"

namespace shop {

// Tells what the reconciler's rounds come to: one line when something gets in the way, one when it is gone.
class RoundLog {
 public:
  // `logger` must outlive this.
  explicit RoundLog(const Logger* logger) : logger_(logger) {}

  void Note(const Status& round);

 private:
  const Logger* logger_;
  Status last_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_ROUND_LOG_H_
