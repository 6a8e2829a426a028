// Fields of log lines that several events have.

#ifndef WORKERS_COMMON_LOG_FIELDS_H_
#define WORKERS_COMMON_LOG_FIELDS_H_

#include "workers/common/http.h"
#include "workers/common/json.h"
#include "workers/common/status.h"

namespace shop {

// The request, without its query and body, and the status of its answer.
void WriteRequestFields(const HttpRequest& request, int answered, JsonWriter* json);

// What kind of failure `status` is, and which store it is of, if it is of one. Nothing if nobody failed: what is wrong
// with a request has no detail.
void WriteFailureFields(const Status& status, JsonWriter* json);

}  // namespace shop

#endif  // WORKERS_COMMON_LOG_FIELDS_H_
