#ifndef WORKERS_COMMON_LOGGER_H_
#define WORKERS_COMMON_LOGGER_H_

#include <string>
#include <string_view>
#include <utility>

namespace shop {

enum class LogLevel { kInfo, kWarning, kError };

// Writes one JSON object a line to standard error. Each line is a single write(2), so that the lines of several
// processes in one file do not mix.
class Logger {
 public:
  // `service` names the process in each line. Lines below `minimum` are dropped.
  Logger(std::string service, LogLevel minimum) : service_(std::move(service)), minimum_(minimum) {}

  // Is part of each line from now on; empty: none. A worker serves one request at a time.
  void set_request_id(std::string request_id) { request_id_ = std::move(request_id); }

  bool IsEnabled(LogLevel level) const { return level >= minimum_; }
  void Log(LogLevel level, std::string_view message) const;

 private:
  std::string service_;
  LogLevel minimum_;
  std::string request_id_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_LOGGER_H_
