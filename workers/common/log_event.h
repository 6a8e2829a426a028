// What a line of the log can be about: the whole list. docs/operations.md says what each event means and which fields
// its line has. Alerts and queries go by these names, so a name does not change.

#ifndef WORKERS_COMMON_LOG_EVENT_H_
#define WORKERS_COMMON_LOG_EVENT_H_

namespace shop {

enum class LogLevel { kInfo, kWarning, kError };

struct LogEvent {
  const char* name;
  LogLevel level;
};

namespace events {

// Of a worker's request.
inline constexpr LogEvent kRequest{"request", LogLevel::kInfo};
inline constexpr LogEvent kRequestFailed{"request_failed", LogLevel::kError};
inline constexpr LogEvent kRequestSlow{"request_slow", LogLevel::kWarning};
inline constexpr LogEvent kConfirmFailed{"confirm_failed", LogLevel::kWarning};
inline constexpr LogEvent kReleaseFailed{"release_failed", LogLevel::kWarning};

// Of a worker.
inline constexpr LogEvent kPeerSlow{"peer_slow", LogLevel::kWarning};
inline constexpr LogEvent kWorkerFailed{"worker_failed", LogLevel::kError};

// Of the reconciler.
inline constexpr LogEvent kMovementConfirmed{"movement_confirmed", LogLevel::kWarning};
inline constexpr LogEvent kMovementReleased{"movement_released", LogLevel::kWarning};
inline constexpr LogEvent kMovementBroken{"movement_broken", LogLevel::kError};
inline constexpr LogEvent kRowsPurged{"rows_purged", LogLevel::kInfo};
inline constexpr LogEvent kRoundFailed{"round_failed", LogLevel::kError};
inline constexpr LogEvent kStoreReadOnly{"store_read_only", LogLevel::kError};
inline constexpr LogEvent kRoundsResumed{"rounds_resumed", LogLevel::kWarning};

}  // namespace events
}  // namespace shop

#endif  // WORKERS_COMMON_LOG_EVENT_H_
