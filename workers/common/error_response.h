// The one table that turns a Status into the client's answer.

#ifndef WORKERS_COMMON_ERROR_RESPONSE_H_
#define WORKERS_COMMON_ERROR_RESPONSE_H_

#include "workers/common/http.h"
#include "workers/common/status.h"

namespace shop {

// The answer for `status`, which must not be ok: {"error": "<CODE>", "message": "<a sentence>"}, with "fields" for a
// validation error, and with the header Allow for 405. nginx adds Retry-After. Never shows status.detail().
HttpResponse ErrorResponse(const Status& status);

}  // namespace shop

#endif  // WORKERS_COMMON_ERROR_RESPONSE_H_
