#include "workers/orders/postgres_movement_log.h"

#include <cstdint>
#include <string_view>

#include "workers/common/integer.h"
#include "workers/orders/postgres_ping.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

std::optional<OrderEvent> EventOf(std::string_view kind) {
  if (kind == "created") return OrderEvent::kCreated;
  if (kind == "updated") return OrderEvent::kUpdated;
  if (kind == "deleted") return OrderEvent::kDeleted;
  return std::nullopt;
}

}  // namespace

Status PostgresMovementLog::Settle(const std::string& movement_id, std::optional<RecordedMovement>* recorded) {
  const PgConnection::Parameter parameters[] = {movement_id};
  PgRows rows;
  recorded->reset();
  if (Status status = postgres_->Write(statements::kCancelMovement, parameters, &rows); !status.ok()) return status;
  if (rows.size() == 1) return Status::Ok();
  if (Status status = postgres_->Read(statements::kFindMovement, parameters, &rows); !status.ok()) return status;
  if (rows.size() == 0) return Status::Unexpected("postgres: a movement vanished from stock_movements");
  if (rows.Text(0, 0) == "cancelled") return Status::Ok();
  const std::optional<OrderEvent> event = EventOf(rows.Text(0, 0));
  const std::optional<int64_t> order_id = ParseInteger<int64_t>(rows.Text(0, 1));
  if (!event || !order_id) return Status::Unexpected("postgres: a row of stock_movements that the shop cannot read");
  *recorded = {*event, *order_id};
  return Status::Ok();
}

Status PostgresMovementLog::Ping() {
  return PingPostgres(postgres_);
}

}  // namespace shop
