#include "workers/orders/redis_stock.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "workers/common/integer.h"
#include "workers/common/json.h"
#include "workers/common/uuid.h"

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
constexpr RedisScript kNoteReturn{
    "note_return",
#include "workers/orders/lua/note_return.lua.inc"
};
constexpr RedisScript kConfirm{
    "confirm",
#include "workers/orders/lua/confirm.lua.inc"
};
constexpr RedisScript kRelease{
    "release",
#include "workers/orders/lua/release.lua.inc"
};
constexpr const RedisScript* kScripts[] = {&kReserve, &kNoteReturn, &kConfirm, &kRelease};

// Lua's numbers are doubles: below this one, a stock would no longer be exact.
constexpr int64_t kLowestExactStock = -((int64_t{1} << 53) - 1);

const char* NameOf(OrderEvent event) {
  switch (event) {
    case OrderEvent::kCreated: return "order_created";
    case OrderEvent::kUpdated: return "order_updated";
    case OrderEvent::kDeleted: return "order_deleted";
  }
  return "";
}

void WriteItems(const std::vector<StockItem>& items, JsonWriter* json) {
  json->BeginArray();
  for (const StockItem& item : items) {
    json->BeginArray().String(item.product_id).Int(item.quantity).EndArray();
  }
  json->EndArray();
}

// When the movement was noted, in milliseconds since 1970; nothing if `note` is not a note.
std::optional<int64_t> TimeOf(std::string_view note) {
  JsonDocument document;
  if (!JsonDocument::Parse(note, &document).ok()) return std::nullopt;
  const std::optional<JsonValue> time = document.root().Find("time");
  return time ? ParseInteger<int64_t>(time->text()) : std::nullopt;
}

// Of the fields of stock:pending, those that were noted before `limit` or are broken.
void SortOut(const RedisValue& fields, int64_t limit, OverdueMovements* overdue) {
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string id(fields[i].Text());
    const std::optional<int64_t> noted = TimeOf(fields[i + 1].Text());
    if (!noted || !IsUuid(id)) {
      overdue->broken.push_back(id);
    } else if (*noted < limit) {
      overdue->ids.push_back(id);
    }
  }
}

void SortUnique(std::vector<std::string>* ids) {
  std::sort(ids->begin(), ids->end());
  ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
}

// The reply of TIME in milliseconds.
int64_t ToMilliseconds(const RedisValue& time) {
  if (time.size() != 2) return 0;
  return ParseInteger<int64_t>(time[0].Text()).value_or(0) * 1000 +
         ParseInteger<int64_t>(time[1].Text()).value_or(0) / 1000;
}

std::string ToJson(const StockMovement& movement) {
  JsonWriter json;
  json.BeginObject();
  json.Key("take");
  WriteItems(movement.take, &json);
  json.Key("give_back");
  WriteItems(movement.give_back, &json);
  json.EndObject();
  return json.Take();
}

// The line `name:` of what INFO says; 0 if it has none.
int64_t InfoNumber(std::string_view info, const std::string& name) {
  const size_t found = info.find("\n" + name + ":");
  if (found == std::string_view::npos) return 0;
  const std::string_view rest = info.substr(found + name.size() + 2);
  return ParseInteger<int64_t>(rest.substr(0, rest.find('\r'))).value_or(0);
}

}  // namespace

std::span<const RedisScript* const> RedisStock::Scripts() {
  return kScripts;
}

Status RedisStock::Reserve(const StockMovement& movement) {
  if (movement.take.empty()) return NoteReturn(movement);
  const std::string keys[] = {kPendingKey};
  const int64_t lowest_stock = policy_ == StockPolicy::kReject ? 0 : kLowestExactStock;
  const std::string arguments[] = {movement.id, ToJson(movement), std::to_string(lowest_stock)};
  RedisReply reply;
  if (Status status = redis_->WriteScript(kReserve, keys, arguments, &reply); !status.ok()) return status;
  const RedisValue result = reply.value();
  if (result.size() == 1) return Status::Ok();
  if (result.size() != 2) return Status::Unexpected("redis: an unknown reply from the script reserve");
  const std::string product_id(result[1].Text());
  if (result[0].Text() == "INSUFFICIENT_STOCK") {
    return Status::Conflict("INSUFFICIENT_STOCK", "Product Id " + product_id + " has not enough in stock");
  }
  return Status::NotFound("PRODUCT_NOT_FOUND", "Product Id " + product_id);
}

// A script of its own, for Redis to run it when memory is full.
Status RedisStock::NoteReturn(const StockMovement& movement) {
  const std::string keys[] = {kPendingKey};
  const std::string arguments[] = {movement.id, ToJson(movement)};
  RedisReply reply;
  return redis_->WriteScript(kNoteReturn, keys, arguments, &reply);
}

Status RedisStock::Confirm(const std::string& movement_id, OrderEvent event, int64_t order_id) {
  RedisReply reply;
  return redis_->WriteScript(kConfirm, kConfirmKeys, ConfirmArguments(movement_id, event, order_id), &reply);
}

Status RedisStock::StartConfirm(const std::string& movement_id, OrderEvent event, int64_t order_id) {
  return redis_->SendScript(kConfirm, kConfirmKeys, ConfirmArguments(movement_id, event, order_id));
}

std::array<std::string, 5> RedisStock::ConfirmArguments(const std::string& movement_id, OrderEvent event,
                                                        int64_t order_id) const {
  return {movement_id, NameOf(event), std::to_string(order_id), std::to_string(max_events_),
          std::to_string(max_bytes_)};
}

Status RedisStock::Release(const std::string& movement_id) {
  const std::string keys[] = {kPendingKey};
  RedisReply reply;
  return redis_->WriteScript(kRelease, keys, {&movement_id, 1}, &reply);
}

// Half: the rest is for the products, their index, the movements under way, and what Redis needs to answer and to save.
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

// Reads all notes: there are as many as there are writes under way, and those that a crash has left.
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
  // HSCAN may give a field twice while the hash grows or shrinks.
  SortUnique(&overdue->ids);
  SortUnique(&overdue->broken);
  return Status::Ok();
}

}  // namespace shop
