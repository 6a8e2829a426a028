#include "workers/orders/postgres_order_store.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "workers/common/integer.h"
#include "workers/orders/postgres_ping.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

using Parameter = PgConnection::Parameter;

// More details than a page has room for.
constexpr size_t kMaxListedDetails = kMaxPageSize / kSmallestDetail.size() + 1;

// The columns of kGetOrder and kListOrders.
enum Column { kOrderId, kVersion, kDetailId, kProductId, kPrice, kQuantity };

// The columns of kFindKeyUse.
enum KeyUseColumn { kHash, kUsedFor, kIsSame };

// The values of the details, an array for each column: what unnest() takes.
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

std::optional<int64_t> Integer(const PgRows& rows, int row, int column) {
  return ParseInteger<int64_t>(rows.Text(row, column));
}

std::optional<OrderDetail> Detail(const PgRows& rows, int row) {
  const std::optional<int64_t> id = Integer(rows, row, kDetailId);
  const std::optional<Money> price = Money::ParseNumeric(rows.Text(row, kPrice));
  const std::optional<int64_t> quantity = Integer(rows, row, kQuantity);
  if (!id || !price || !quantity) return std::nullopt;
  return OrderDetail{*id, std::string(rows.Text(row, kProductId)), *price, *quantity};
}

// Makes orders of the rows: first come all orders, then all details, each in the order of the orders' ids.
Status ReadOrders(const PgRows& rows, std::vector<Order>* orders) {
  orders->clear();
  size_t at = 0;  // The order whose details are being read.
  for (int row = 0; row < rows.size(); ++row) {
    const std::optional<int64_t> id = Integer(rows, row, kOrderId);
    if (!id) return MalformedRow();
    if (rows.IsNull(row, kDetailId)) {
      const std::optional<int64_t> version = Integer(rows, row, kVersion);
      if (!version) return MalformedRow();
      orders->push_back({*id, *version, {}});
      continue;
    }
    while (at < orders->size() && (*orders)[at].id < *id) ++at;
    std::optional<OrderDetail> detail = Detail(rows, row);
    if (!detail || at == orders->size() || (*orders)[at].id != *id) return MalformedRow();
    (*orders)[at].details.push_back(*std::move(detail));
  }
  return Status::Ok();
}

size_t CountDetails(const std::vector<Order>& orders) {
  size_t count = 0;
  for (const Order& order : orders) count += order.details.size();
  return count;
}

// After the limit has cut off details: drops the last order that has any, as it may lack some, and the orders after it,
// which seem to have none.
void DropUnread(std::vector<Order>* orders) {
  while (orders->back().details.empty()) orders->pop_back();
  orders->pop_back();
}

// The one id that a statement returns, in `column`.
Status ReadId(const PgRows& rows, int column, int64_t* id) {
  const std::optional<int64_t> integer = Integer(rows, 0, column);
  if (!integer) return MalformedRow();
  *id = *integer;
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

Status PostgresOrderStore::List(int64_t after, size_t limit, OrderPage* page) {
  const Status status = ReadPage(after, limit, kMaxListedDetails, page);
  // Only another program can have written an order of so many details; it is shown all the same.
  const bool first_is_cut = status.ok() && page->items.empty() && page->has_more;
  return first_is_cut ? ReadPage(after, 1, std::numeric_limits<int64_t>::max(), page) : status;
}

Status PostgresOrderStore::Create(const std::string& movement_id, const NewOrder& order,
                                  const std::optional<UnusedKey>& key, int64_t* id) {
  DetailColumns columns;
  for (const NewOrderDetail& detail : order) columns.Add(detail.product_id, detail);
  const Parameter parameters[] = {movement_id,
                                  columns.keys(),
                                  columns.prices(),
                                  columns.quantities(),
                                  key ? Parameter(key->key) : std::nullopt,
                                  key ? Parameter(key->body_hash) : std::nullopt};
  PgRows rows;
  if (Status status = postgres_->Write(statements::kCreateOrder, parameters, &rows); !status.ok()) return status;
  // The order exists even if its id cannot be read.
  const Status status = ReadId(rows, 0, id);
  return status.ok() ? status : Status::UnknownOutcome(status.detail());
}

Status PostgresOrderStore::FindKeyUse(const IdempotentRequest& request, KeyUse* use) {
  const Parameter parameters[] = {request.key, std::string(request.body)};
  PgRows rows;
  if (Status status = postgres_->Read(statements::kFindKeyUse, parameters, &rows); !status.ok()) return status;
  *use = {KeyUse::kUnused, 0, std::string(rows.Text(0, kHash))};
  if (rows.IsNull(0, kUsedFor)) return Status::Ok();
  use->kind = rows.Text(0, kIsSame) == "t" ? KeyUse::kSameRequest : KeyUse::kOtherRequest;
  return ReadId(rows, kUsedFor, &use->order_id);
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

// Gives only whole orders. If the first has `max_details` or more, gives none, and says that there are more.
Status PostgresOrderStore::ReadPage(int64_t after, size_t limit, size_t max_details, OrderPage* page) {
  const Parameter parameters[] = {std::to_string(after), std::to_string(limit + 1), std::to_string(max_details)};
  PgRows rows;
  if (Status status = postgres_->Read(statements::kListOrders, parameters, &rows); !status.ok()) return status;
  std::vector<Order>& orders = page->items;
  if (Status status = ReadOrders(rows, &orders); !status.ok()) return status;
  const size_t found = orders.size();
  page->follower = orders.empty() ? 0 : orders.back().id;
  if (CountDetails(orders) == max_details) DropUnread(&orders);
  if (orders.size() > limit) orders.resize(limit);
  page->has_more = orders.size() < found;
  return Status::Ok();
}

Status PostgresOrderStore::Ping() {
  return PingPostgres(postgres_);
}

}  // namespace shop
