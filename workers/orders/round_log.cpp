#include "workers/orders/round_log.h"

#include <string>
#include <string_view>

#include "workers/common/log_fields.h"

namespace shop {
namespace {

// A detail begins with the store that failed, as in "redis: no answer"; the rest may differ each time.
std::string_view StoreOf(const Status& status) {
  return std::string_view(status.detail()).substr(0, status.detail().find(':'));
}

bool AreAlike(const Status& one, const Status& other) {
  return one.code() == other.code() && one.is_read_only() == other.is_read_only() && StoreOf(one) == StoreOf(other);
}

}  // namespace

void RoundLog::Add(const Status& round) {
  if (!AreAlike(last_, round)) {
    if (round.ok()) {
      logger_->Log(events::kRoundsResumed, last_.is_read_only() ? "the stores take writes again" : "reconciling again");
    } else {
      logger_->Log(round.is_read_only() ? events::kStoreReadOnly : events::kRoundFailed,
                   (round.is_read_only() ? "a store takes no writes: " : "cannot reconcile: ") + round.detail(),
                   [&](JsonWriter* json) { WriteFailureFields(round, json); });
    }
  }
  last_ = round;
}

}  // namespace shop
