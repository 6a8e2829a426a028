#ifndef WORKERS_ORDERS_POSTGRES_ORDER_STORE_H_
#define WORKERS_ORDERS_POSTGRES_ORDER_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workers/common/postgres.h"
#include "workers/orders/order_store.h"

namespace shop {

// Orders in PostgreSQL, in the tables of sql/.
class PostgresOrderStore : public OrderStore {
 public:
  // `postgres` has the statements of statements.h and must outlive the store.
  explicit PostgresOrderStore(PgConnection* postgres) : postgres_(postgres) {}

  Status Get(int64_t id, Order* order) override;
  Status List(int64_t after, size_t limit, OrderPage* page) override;
  Status Create(const std::string& movement_id, const NewOrder& order, const std::optional<UnusedKey>& key,
                int64_t* id) override;
  Status FindKeyUse(const IdempotentRequest& request, KeyUse* use) override;
  Status Update(const std::string& movement_id, const Order& order, const std::vector<OrderDetail>& changed,
                bool* recorded) override;
  Status Delete(const std::string& movement_id, const Order& order, bool* recorded) override;
  Status Ping() override;

 private:
  Status ReadPage(int64_t after, size_t limit, size_t max_details, OrderPage* page);

  PgConnection* postgres_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_POSTGRES_ORDER_STORE_H_
