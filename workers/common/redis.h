// One Redis connection with its Lua scripts. Only redis.cpp uses hiredis.

#ifndef WORKERS_COMMON_REDIS_H_
#define WORKERS_COMMON_REDIS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workers/common/redis_address.h"
#include "workers/common/request_trace.h"
#include "workers/common/status.h"

struct redisContext;
struct redisReply;

namespace shop {

// A command with its arguments (any bytes) in the form that is sent. The words are not needed afterwards.
class RedisCommand {
 public:
  RedisCommand(std::initializer_list<std::string_view> words) : RedisCommand(std::span(words)) {}
  explicit RedisCommand(std::span<const std::string_view> words);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct RedisScript {
  const char* name;
  const char* lua;
};

// One value of a reply: a light view into a RedisReply.
class RedisValue {
 public:
  explicit RedisValue(const redisReply* reply) : reply_(reply) {}

  bool IsNil() const;
  int64_t Integer() const;        // 0 unless it is an integer.
  std::string_view Text() const;  // Empty unless it is a string.
  size_t size() const;            // 0 unless it is an array.
  RedisValue operator[](size_t i) const;

 private:
  const redisReply* reply_;
};

// Owns a reply. It is never an error reply: an error becomes a Status, or nil.
class RedisReply {
 public:
  RedisReply() : reply_(nullptr, nullptr) {}
  RedisValue value() const { return RedisValue(reply_.get()); }

 private:
  friend class RedisConnection;
  using Owner = std::unique_ptr<redisReply, void (*)(redisReply*)>;

  explicit RedisReply(Owner reply) : reply_(std::move(reply)) {}

  Owner reply_;
};

// Connects at the first call, logs in if there is a password, and loads all of `scripts`; connects again after the
// connection was lost. If the server has flushed the scripts, they are loaded again when one of them is called. No wait
// for the server to take or to send the next bytes is longer than the timeout. The program must ignore SIGPIPE.
class RedisConnection {
 public:
  // `scripts` must outlive the connection.
  RedisConnection(RedisAddress address, std::span<const RedisScript* const> scripts, std::chrono::milliseconds timeout);

  // From now on the time of each call is added to `trace`, which must outlive the connection.
  void set_trace(RequestTrace* trace) { trace_ = trace; }

  // Ends the connection, whatever state it is in. The next call opens a new one.
  void Disconnect() { context_.reset(); }

  // Sends commands that only read, in one round trip, and gets as many replies. If the connection turns out to be lost,
  // sends them once more, on a new one. kUnavailable: Redis cannot be reached, does not answer in time, or refuses (the
  // password, too, or a command that its user may not use). A key whose type does not fit its command is nil.
  Status Read(std::span<const RedisCommand> commands, std::vector<RedisReply>* replies);

  // Ok if Redis answers and takes writes. Else kUnavailable; is_read_only() if it answers, but takes no writes.
  Status Ping();

  // Like Read, for one script that only reads.
  Status ReadScript(const RedisScript& script, std::span<const std::string> keys,
                    std::span<const std::string> arguments, RedisReply* reply);

  // Runs one script, once, in one round trip. Uses a new connection if the server has ended this one since its last
  // use. kUnavailable: it did not run. kUnknownOutcome: the connection was lost, or the time ran out, after it had been
  // sent.
  Status WriteScript(const RedisScript& script, std::span<const std::string> keys,
                     std::span<const std::string> arguments, RedisReply* reply);

  // Like WriteScript, but ok once the script is sent. Redis sends no reply, not even an error. So nobody learns that
  // the script did not run, for instance because the scripts were flushed just now. Use it only where something else
  // makes up for that.
  Status SendScript(const RedisScript& script, std::span<const std::string> keys,
                    std::span<const std::string> arguments);

 private:
  using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

  enum class OtherTypes { kAreErrors, kAreNil };  // How to take replies with the error WRONGTYPE.

  Status Connect();
  Status ConnectToWrite();
  Status LogIn();
  Status LoadScripts();
  RedisCommand ScriptCommand(const RedisScript& script, std::span<const std::string> keys,
                             std::span<const std::string> arguments) const;
  Status RetryOnce(const std::function<Status()>& read);
  Status RoundTrip(std::span<const RedisCommand> commands, std::vector<RedisReply>* replies, OtherTypes other_types);
  Status Lost(std::string_view what);

  RedisAddress address_;
  std::span<const RedisScript* const> scripts_;
  std::chrono::milliseconds timeout_;
  RequestTrace* trace_ = nullptr;
  Context context_;
  std::map<std::string_view, std::string> sha1_;  // By the script's name.
};

}  // namespace shop

#endif  // WORKERS_COMMON_REDIS_H_
