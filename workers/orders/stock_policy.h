#ifndef WORKERS_ORDERS_STOCK_POLICY_H_
#define WORKERS_ORDERS_STOCK_POLICY_H_

namespace shop {

enum class StockPolicy {
  kBackorder,  // A stock may fall below zero, as long as it stays exact: down to -(2^53 - 1).
  kReject,     // A stock never falls below zero.
};

}  // namespace shop

#endif  // WORKERS_ORDERS_STOCK_POLICY_H_
