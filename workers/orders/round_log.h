#ifndef WORKERS_ORDERS_ROUND_LOG_H_
#define WORKERS_ORDERS_ROUND_LOG_H_

#include "workers/common/logger.h"
#include "workers/common/status.h"

namespace shop {

// Logs how the reconciler's rounds end: one line when something stops them, one line when they work again.
class RoundLog {
 public:
  // `logger` must outlive this.
  explicit RoundLog(const Logger* logger) : logger_(logger) {}

  void Add(const Status& round);

 private:
  const Logger* logger_;
  Status last_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_ROUND_LOG_H_
