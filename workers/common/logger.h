#ifndef WORKERS_COMMON_LOGGER_H_
#define WORKERS_COMMON_LOGGER_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "workers/common/json.h"
#include "workers/common/log_event.h"

namespace shop {

// Writes one JSON object a line to standard error. Each line is a single write(2), so that the lines of several
// processes in one file do not mix.
class Logger {
 public:
  // Writes the fields of one line: a Key and a value for each. Texts must be UTF-8.
  using Fields = std::function<void(JsonWriter*)>;

  // `part` names the part of the shop in each line. Lines below `minimum` are dropped.
  Logger(std::string part, LogLevel minimum) : part_(std::move(part)), minimum_(minimum) {}

  // Is part of each line from now on; empty: none. A worker serves one request at a time.
  void set_request_id(std::string request_id) { request_id_ = std::move(request_id); }

  bool IsEnabled(LogLevel level) const { return level >= minimum_; }

  // `message` says it to people; `fields` are for queries. Neither may have anything of a customer but ids.
  void Log(
      const LogEvent& event, std::string_view message, const Fields& fields = [](JsonWriter*) {}) const;

 private:
  std::string part_;
  LogLevel minimum_;
  std::string request_id_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_LOGGER_H_
