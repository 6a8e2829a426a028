#include "workers/orders/redis_stock.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "workers/common/integer.h"
#include "workers/orders/pending_movement.h"

namespace shop {
namespace {

constexpr char kPendingKey[] = "stock:pending";
constexpr char kEventsKey[] = "orders:events";
constexpr char kEventsSizeKey[] = "orders:events:size";
const std::string kConfirmKeys[] = {kPendingKey, kEventsKey, kEventsSizeKey};

constexpr RedisScript kReserve{
    "reserve",
#include "workers/orders/lua/reserve.lua.inc"
};
constexpr RedisScript kReserveReturn{
    "reserve_return",
#include "workers/orders/lua/reserve_return.lua.inc"
};
constexpr RedisScript kConfirm{
    "confirm",
#include "workers/orders/lua/confirm.lua.inc"
};
constexpr RedisScript kRelease{
    "release",
#include "workers/orders/lua/release.lua.inc"
};
constexpr const RedisScript* kStockScripts[] = {&kReserve, &kReserveReturn, &kConfirm, &kRelease};

// Lua's numbers are doubles: a stock below this one would no longer be exact.
constexpr int64_t kLowestExactStock = -((int64_t{1} << 53) - 1);

const char* NameOf(OrderEvent event) {
  switch (event) {
    case OrderEvent::kCreated: return "order_created";
    case OrderEvent::kUpdated: return "order_updated";
    case OrderEvent::kDeleted: return "order_deleted";
  }
  return "";
}

// The form in which the scripts take goods: product id, quantity, product id, quantity, ...
void AppendItems(const std::vector<StockItem>& items, std::vector<std::string>* arguments) {
  for (const StockItem& item : items) {
    arguments->push_back(item.product_id);
    arguments->push_back(std::to_string(item.quantity));
  }
}

// Adds the entries of stock:pending that are older than `limit`, and those that are broken.
void SortOut(const RedisValue& fields, int64_t limit, OverdueMovements* overdue) {
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    std::optional<PendingMovement> pending = ReadPendingMovement(fields[i].Text(), fields[i + 1].Text());
    if (!pending) {
      overdue->broken.emplace_back(fields[i].Text());
    } else if (pending->time < limit) {
      overdue->movements.push_back(std::move(pending->movement));
    }
  }
}

// HSCAN may give a field twice while the hash grows or shrinks.
template <typename T, typename Less = std::less<T>>
void SortUnique(std::vector<T>* values, Less less = {}) {
  std::sort(values->begin(), values->end(), less);
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

// The reply of TIME in milliseconds.
int64_t ToMilliseconds(const RedisValue& time) {
  if (time.size() != 2) return 0;
  return ParseInteger<int64_t>(time[0].Text()).value_or(0) * 1000 +
         ParseInteger<int64_t>(time[1].Text()).value_or(0) / 1000;
}

// The number in the line `name:` of a reply to INFO; 0 if there is none.
int64_t InfoNumber(std::string_view info, const std::string& name) {
  const size_t found = info.find("\n" + name + ":");
  if (found == std::string_view::npos) return 0;
  const std::string_view rest = info.substr(found + name.size() + 2);
  return ParseInteger<int64_t>(rest.substr(0, rest.find('\r'))).value_or(0);
}

}  // namespace

std::span<const RedisScript* const> RedisStock::Scripts() {
  return kStockScripts;
}

Status RedisStock::Reserve(const StockMovement& movement) {
  if (movement.take.empty()) return ReserveReturn(movement);
  const std::string keys[] = {kPendingKey};
  const int64_t lowest_stock = policy_ == StockPolicy::kReject ? 0 : kLowestExactStock;
  std::vector<std::string> arguments{movement.id, EntryWithoutTime(movement), std::to_string(lowest_stock)};
  AppendItems(movement.take, &arguments);
  RedisReply reply;
  if (Status status = redis_->WriteScript(kReserve, keys, arguments, &reply); !status.ok()) return status;
  const RedisValue result = reply.value();
  if (result.IsNil()) return Status::Ok();
  if (result.size() != 2) return Status::Unexpected("redis: an unknown reply from the script reserve");
  const std::string product_id(result[1].Text());
  if (result[0].Text() == "INSUFFICIENT_STOCK") {
    return Status::Conflict("INSUFFICIENT_STOCK", "Product Id " + product_id + " has not enough in stock");
  }
  return Status::NotFound("PRODUCT_NOT_FOUND", "Product Id " + product_id);
}

// A script of its own, which Redis runs even when memory is full.
Status RedisStock::ReserveReturn(const StockMovement& movement) {
  const std::string keys[] = {kPendingKey};
  const std::string arguments[] = {movement.id, EntryWithoutTime(movement)};
  RedisReply reply;
  return redis_->WriteScript(kReserveReturn, keys, arguments, &reply);
}

Status RedisStock::Confirm(const StockMovement& movement, OrderEvent event, int64_t order_id) {
  RedisReply reply;
  return redis_->WriteScript(kConfirm, kConfirmKeys, ConfirmArguments(movement, event, order_id), &reply);
}

Status RedisStock::StartConfirm(const StockMovement& movement, OrderEvent event, int64_t order_id) {
  return redis_->SendScript(kConfirm, kConfirmKeys, ConfirmArguments(movement, event, order_id));
}

std::vector<std::string> RedisStock::ConfirmArguments(const StockMovement& movement, OrderEvent event,
                                                      int64_t order_id) const {
  std::vector<std::string> arguments{movement.id,
                                     NameOf(event),
                                     std::to_string(order_id),
                                     std::to_string(max_events_),
                                     std::to_string(max_bytes_),
                                     ItemsToJson(movement.take),
                                     ItemsToJson(movement.give_back)};
  AppendItems(movement.give_back, &arguments);
  return arguments;
}

Status RedisStock::Release(const StockMovement& movement) {
  const std::string keys[] = {kPendingKey};
  std::vector<std::string> arguments{movement.id};
  AppendItems(movement.take, &arguments);
  RedisReply reply;
  return redis_->WriteScript(kRelease, keys, arguments, &reply);
}

// Half: the rest is for the products, their index, the pending movements, and what Redis needs to answer and to save.
Status RedisStock::CheckMemory(std::string* error) {
  error->clear();
  const RedisCommand info{"INFO", "memory"};
  std::vector<RedisReply> replies;
  if (Status status = redis_->Read({&info, 1}, &replies); !status.ok()) return status;
  const int64_t maxmemory = InfoNumber(replies.front().value().Text(), "maxmemory");
  if (maxmemory == 0 || max_bytes_ <= maxmemory / 2) return Status::Ok();
  *error = "EVENTS_MAX_BYTES must be at most half of the maxmemory of Redis, " + std::to_string(maxmemory / 2) +
           ", as the rest is for the products, not '" + std::to_string(max_bytes_) + "'";
  return Status::Ok();
}

// Reads all entries of stock:pending: those of the writes under way, and those that a crash has left.
Status RedisStock::FindOverdue(std::chrono::milliseconds age, OverdueMovements* overdue) {
  *overdue = {};
  std::string cursor = "0";
  do {
    const RedisCommand commands[] = {{"TIME"}, {"HSCAN", kPendingKey, cursor, "COUNT", "100"}};
    std::vector<RedisReply> replies;
    if (Status status = redis_->Read(commands, &replies); !status.ok()) return status;
    const RedisValue scan = replies[1].value();
    if (scan.size() != 2) return Status::Unexpected("redis: stock:pending is no hash");
    cursor = scan[0].Text();
    SortOut(scan[1], ToMilliseconds(replies[0].value()) - age.count(), overdue);
  } while (cursor != "0");
  SortUnique(&overdue->movements, [](const StockMovement& a, const StockMovement& b) { return a.id < b.id; });
  SortUnique(&overdue->broken);
  return Status::Ok();
}

}  // namespace shop
