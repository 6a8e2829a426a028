#ifndef WORKERS_ORDERS_IDEMPOTENCY_KEY_H_
#define WORKERS_ORDERS_IDEMPOTENCY_KEY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "workers/common/status.h"

namespace shop {

// What a client may send again without creating a second order.
struct IdempotentRequest {
  std::string key;
  std::string_view body;  // The request's own. Of it a hash is stored: the same key with another body is refused.
};

// Whether `key` is 1 to 255 visible ASCII characters.
bool IsIdempotencyKey(std::string_view key);

// IDEMPOTENCY_KEY_REUSED.
Status IdempotencyKeyReused();

// kUnknownOutcome: another request with the key is at work, or will have created the order when it ends.
Status IdempotencyKeyAtWork(std::string detail);

// What the key of a request was used for so far.
struct KeyUse {
  enum Kind { kUnused, kSameRequest, kOtherRequest } kind = kUnused;
  int64_t order_id = 0;   // Of the order that the same request created.
  std::string body_hash;  // Of the request's body, as the store writes it.
};

// What an order is created with to use up a key.
struct UnusedKey {
  std::string key;
  std::string body_hash;  // From KeyUse.
};

}  // namespace shop

#endif  // WORKERS_ORDERS_IDEMPOTENCY_KEY_H_
