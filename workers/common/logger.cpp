#include "workers/common/logger.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "workers/common/utf8.h"

namespace shop {
namespace {

const char* NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "";
}

// RFC 3339, UTC, milliseconds.
std::string Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char seconds[sizeof "2026-01-31T23:59:59"];
  strftime(seconds, sizeof seconds, "%FT%T", &utc);
  char text[sizeof seconds + 8];
  const int size = snprintf(text, sizeof text, "%s.%03ldZ", seconds, now.tv_nsec / 1'000'000);
  return {text, static_cast<size_t>(size)};
}

}  // namespace

void Logger::Log(const LogEvent& event, std::string_view message, const Fields& fields) const {
  if (!IsEnabled(event.level)) return;
  // Paths and request ids come from outside; the line must be JSON whatever is in them.
  JsonWriter json;
  json.BeginObject();
  json.Key("time").String(Now());
  json.Key("level").String(NameOf(event.level));
  json.Key("part").String(part_);
  json.Key("event").String(event.name);
  if (!request_id_.empty()) json.Key("request_id").String(ToUtf8(request_id_));
  json.Key("message").String(ToUtf8(message));
  fields(&json);
  json.EndObject();
  const std::string line = json.Take() + "\n";
  // If this fails, there is nowhere to report it.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace shop
