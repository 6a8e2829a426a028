#include "workers/orders/postgres_order_store.h"

#include "workers/common/integer.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

using Parameter = PgConnection::Parameter;

// The columns of kGetOrder and kListOrders.
enum Column { kOrderId, kVersion, kDetailId, kProductId, kPrice, kQuantity };

// The values of the details, a column an array: what unnest() takes.
class DetailColumns {
 public:
  template <typename Detail>
  void Add(std::string key, const Detail& detail) {
    keys_.push_back(std::move(key));
    prices_.push_back(detail.price.ToString());
    quantities_.push_back(std::to_string(detail.quantity));
  }

  Parameter keys() const { return PgArray(keys_); }
  Parameter prices() const { return PgArray(prices_); }
  Parameter quantities() const { return PgArray(quantities_); }

 private:
  std::vector<std::string> keys_;
  std::vector<std::string> prices_;
  std::vector<std::string> quantities_;
};

Status MalformedRow() {
  return Status::Unexpected("postgres: a row of orders or order_details has a value that the shop cannot read");
}

Status ReadInteger(const PgRows& rows, int row, int column, int64_t* value) {
  const std::optional<int64_t> integer = ParseInteger<int64_t>(rows.Text(row, column));
  if (!integer) return MalformedRow();
  *value = *integer;
  return Status::Ok();
}

Status ReadDetail(const PgRows& rows, int row, OrderDetail* detail) {
  if (Status status = ReadInteger(rows, row, kDetailId, &detail->id); !status.ok()) return status;
  if (Status status = ReadInteger(rows, row, kQuantity, &detail->quantity); !status.ok()) return status;
  const std::optional<Money> price = Money::ParseNumeric(rows.Text(row, kPrice));
  if (!price) return MalformedRow();
  detail->price = *price;
  detail->product_id = rows.Text(row, kProductId);
  return Status::Ok();
}

// Gathers the rows, which come in the order of their orders' ids, to orders.
Status ReadOrders(const PgRows& rows, std::vector<Order>* orders) {
  orders->clear();
  for (int row = 0; row < rows.size(); ++row) {
    int64_t id = 0;
    if (Status status = ReadInteger(rows, row, kOrderId, &id); !status.ok()) return status;
    if (orders->empty() || orders->back().id != id) {
      orders->push_back({id, 0, {}});
      if (Status status = ReadInteger(rows, row, kVersion, &orders->back().version); !status.ok()) return status;
    }
    if (rows.IsNull(row, kDetailId)) continue;
    OrderDetail& detail = orders->back().details.emplace_back();
    if (Status status = ReadDetail(rows, row, &detail); !status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace

Status PostgresOrderStore::Get(int64_t id, Order* order) {
  const Parameter parameters[] = {std::to_string(id)};
  PgRows rows;
  if (Status status = postgres_->Read(statements::kGetOrder, parameters, &rows); !status.ok()) return status;
  std::vector<Order> orders;
  if (Status status = ReadOrders(rows, &orders); !status.ok()) return status;
  if (orders.empty()) return OrderNotFound(id);
  *order = std::move(orders.front());
  return Status::Ok();
}

Status PostgresOrderStore::List(int64_t after, size_t limit, std::vector<Order>* orders) {
  const Parameter parameters[] = {std::to_string(after), std::to_string(limit)};
  PgRows rows;
  if (Status status = postgres_->Read(statements::kListOrders, parameters, &rows); !status.ok()) return status;
  return ReadOrders(rows, orders);
}

Status PostgresOrderStore::Create(const std::string& movement_id, const NewOrder& order,
                                  const std::optional<IdempotentRequest>& request, int64_t* id) {
  DetailColumns columns;
  for (const NewOrderDetail& detail : order) columns.Add(detail.product_id, detail);
  const Parameter parameters[] = {movement_id,
                                  columns.keys(),
                                  columns.prices(),
                                  columns.quantities(),
                                  request ? Parameter(request->key) : std::nullopt,
                                  request ? Parameter(request->body) : std::nullopt};
  PgRows rows;
  if (Status status = postgres_->Write(statements::kCreateOrder, parameters, &rows); !status.ok()) return status;
  // An order whose id cannot be read is there all the same.
  const Status status = ReadInteger(rows, 0, 0, id);
  return status.ok() ? status : Status::UnknownOutcome(status.detail());
}

Status PostgresOrderStore::FindKeyUse(const IdempotentRequest& request, KeyUse* use) {
  const Parameter parameters[] = {request.key, request.body};
  PgRows rows;
  if (Status status = postgres_->Read(statements::kFindKeyUse, parameters, &rows); !status.ok()) return status;
  *use = {};
  if (rows.size() == 0) return Status::Ok();
  use->kind = rows.Text(0, 1) == "t" ? KeyUse::kSameRequest : KeyUse::kOtherRequest;
  return ReadInteger(rows, 0, 0, &use->order_id);
}

Status PostgresOrderStore::Update(const std::string& movement_id, const Order& order,
                                  const std::vector<OrderDetail>& changed, bool* recorded) {
  DetailColumns columns;
  for (const OrderDetail& detail : changed) columns.Add(std::to_string(detail.id), detail);
  const Parameter parameters[] = {movement_id,    std::to_string(order.id), std::to_string(order.version),
                                  columns.keys(), columns.prices(),         columns.quantities()};
  PgRows rows;
  if (Status status = postgres_->Write(statements::kUpdateOrder, parameters, &rows); !status.ok()) return status;
  *recorded = rows.size() == 1;
  return Status::Ok();
}

Status PostgresOrderStore::Delete(const std::string& movement_id, const Order& order, bool* recorded) {
  const Parameter parameters[] = {movement_id, std::to_string(order.id), std::to_string(order.version)};
  PgRows rows;
  if (Status status = postgres_->Write(statements::kDeleteOrder, parameters, &rows); !status.ok()) return status;
  *recorded = rows.size() == 1;
  return Status::Ok();
}

Status PostgresOrderStore::Ping() {
  PgRows rows;
  return postgres_->Read(statements::kPing, {}, &rows);
}

}  // namespace shop
