#include "workers/orders/idempotency_key.h"

#include <algorithm>
#include <utility>

namespace shop {
namespace {

constexpr size_t kMaxKeySize = 255;

}  // namespace

bool IsIdempotencyKey(std::string_view key) {
  return !key.empty() && key.size() <= kMaxKeySize &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string StoredKey(const std::string& client, const std::string& key) {
  return client.empty() ? key : client + ' ' + key;
}

Status IdempotencyKeyReused() {
  return Status::Unprocessable("IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key was used for another request.");
}

Status IdempotencyKeyAtWork(std::string detail) {
  Status status = Status::UnknownOutcome(std::move(detail));
  status.set_message(
      "Another request with this Idempotency-Key is at work. "
      "Try again with the same Idempotency-Key; there will be one order.");
  return status;
}

}  // namespace shop
