#ifndef WORKERS_ORDERS_IDEMPOTENCY_KEY_H_
#define WORKERS_ORDERS_IDEMPOTENCY_KEY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "workers/common/status.h"

namespace shop {

// A request that a client may send again without creating a second order.
struct IdempotentRequest {
  std::string key;        // From StoredKey().
  std::string_view body;  // A view of the request's. Its hash is stored: the same key with another body is refused.
};

// Whether `key` is 1 to 255 visible ASCII characters.
bool IsIdempotencyKey(std::string_view key);

// What is stored for a client's key. Each client has keys of its own: its name comes first, and a blank, which is in no
// key. Without a name it is the key alone.
std::string StoredKey(const std::string& client, const std::string& key);

// kUnprocessable IDEMPOTENCY_KEY_REUSED.
Status IdempotencyKeyReused();

// kUnknownOutcome: another request with the key is at work, and may have created the order when it ends.
Status IdempotencyKeyAtWork(std::string detail);

// What the key of a request has been used for so far.
struct KeyUse {
  enum Kind { kUnused, kSameRequest, kOtherRequest } kind = kUnused;
  int64_t order_id = 0;   // The order that the same request created.
  std::string body_hash;  // Of the request's body, in the store's form.
};

// The key that a new order uses up.
struct UnusedKey {
  std::string key;
  std::string body_hash;  // From KeyUse.
};

}  // namespace shop

#endif  // WORKERS_ORDERS_IDEMPOTENCY_KEY_H_
