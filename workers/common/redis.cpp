#include "workers/common/redis.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

#include "workers/common/fault_point.h"
#include "workers/common/integer.h"

namespace shop {
namespace {

constexpr std::string_view kRedis = "redis";  // In a request's trace.

// Prefixes of the details of error replies that mean: refused, nothing was done.
constexpr std::string_view kNoScript = "redis: NOSCRIPT";  // The scripts were flushed.
constexpr std::string_view kRefusals[] = {
    "redis: LOADING",   "redis: MASTERDOWN", "redis: BUSY",   kNoScript,
    "redis: WRONGPASS", "redis: NOAUTH",     "redis: NOPERM", "redis: ERR max number of clients",
    "redis: ERR AUTH",  // Redis wants no password.
};
// The same, in replies to writes only.
constexpr std::string_view kWriteRefusals[] = {"redis: OOM", "redis: MISCONF", "redis: READONLY", "redis: NOREPLICAS"};

bool BeginsWithOneOf(std::string_view text, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

bool IsOfAnotherType(const redisReply* reply) {
  return reply->type == REDIS_REPLY_ERROR && std::string_view(reply->str).starts_with("WRONGTYPE");
}

Status StatusOf(const redisReply* reply) {
  if (reply->type != REDIS_REPLY_ERROR) return Status::Ok();
  const std::string detail = "redis: " + std::string(reply->str, static_cast<size_t>(reply->len));
  if (BeginsWithOneOf(detail, kWriteRefusals)) return Status::ReadOnly(detail);
  return BeginsWithOneOf(detail, kRefusals) ? Status::Unavailable(detail) : Status::Unexpected(detail);
}

// The status of a failure that came before the command was sent: however it came, nothing has run.
Status BeforeItWasSent(const Status& status) {
  return status.Is(StatusCode::kUnknownOutcome) ? Status::Unavailable(status.detail()) : status;
}

timeval ToTimeval(std::chrono::milliseconds duration) {
  return {static_cast<time_t>(duration.count() / 1000), static_cast<suseconds_t>(duration.count() % 1000 * 1000)};
}

redisContext* Open(const RedisAddress& address, timeval timeout) {
  if (!address.socket.empty()) return redisConnectUnixWithTimeout(address.socket.c_str(), timeout);
  return redisConnectWithTimeout(address.host.c_str(), address.port, timeout);
}

RedisCommand Auth(const std::string& username, const std::string& password) {
  return username.empty() ? RedisCommand{"AUTH", password} : RedisCommand{"AUTH", username, password};
}

void Append(redisContext* context, const RedisCommand& command) {
  redisAppendFormattedCommand(context, command.text().data(), command.text().size());
}

void FreeReply(redisReply* reply) {
  freeReplyObject(reply);
}

bool IsReadable(const redisContext* context) {
  pollfd socket{context->fd, POLLIN, 0};
  return poll(&socket, 1, 0) != 0;
}

}  // namespace

// RESP: an array of bulk strings. hiredis can format it, too, but with several allocations and a printf for each word.
RedisCommand::RedisCommand(std::span<const std::string_view> words) {
  text_.reserve(256);  // Most commands fit.
  text_.push_back('*');
  AppendInteger(static_cast<int64_t>(words.size()), &text_);
  for (const std::string_view word : words) {
    text_.append("\r\n$");
    AppendInteger(static_cast<int64_t>(word.size()), &text_);
    text_.append("\r\n").append(word);
  }
  text_.append("\r\n");
}

bool RedisValue::IsNil() const {
  return reply_->type == REDIS_REPLY_NIL || IsOfAnotherType(reply_);
}

int64_t RedisValue::Integer() const {
  return reply_->type == REDIS_REPLY_INTEGER ? reply_->integer : 0;
}

std::string_view RedisValue::Text() const {
  if (reply_->type != REDIS_REPLY_STRING && reply_->type != REDIS_REPLY_STATUS) return {};
  return {reply_->str, static_cast<size_t>(reply_->len)};
}

size_t RedisValue::size() const {
  return reply_->type == REDIS_REPLY_ARRAY ? reply_->elements : 0;
}

RedisValue RedisValue::operator[](size_t i) const {
  return RedisValue(reply_->element[i]);
}

RedisConnection::RedisConnection(RedisAddress address, std::span<const RedisScript* const> scripts,
                                 std::chrono::milliseconds timeout)
    : address_(std::move(address)), scripts_(scripts), timeout_(timeout), context_(nullptr, redisFree) {}

Status RedisConnection::Read(std::span<const RedisCommand> commands, std::vector<RedisReply>* replies) {
  return RetryOnce([&] {
    if (Status status = Connect(); !status.ok()) return status;
    const StoreCall call(trace_, kRedis, "read");
    return RoundTrip(commands, replies, OtherTypes::kAreNil);
  });
}

// Redis refuses this script exactly when it refuses writes: a script without flags might write.
Status RedisConnection::Ping() {
  const RedisCommand ping{"EVAL", "#!lua\nreturn 1", "0"};
  std::vector<RedisReply> replies;
  return Read({&ping, 1}, &replies);
}

Status RedisConnection::ReadScript(const RedisScript& script, std::span<const std::string> keys,
                                   std::span<const std::string> arguments, RedisReply* reply) {
  return RetryOnce([&] { return WriteScript(script, keys, arguments, reply); });
}

Status RedisConnection::WriteScript(const RedisScript& script, std::span<const std::string> keys,
                                    std::span<const std::string> arguments, RedisReply* reply) {
  if (Status status = ConnectToWrite(); !status.ok()) return status;
  const StoreCall call(trace_, kRedis, script.name);
  const RedisCommand command = ScriptCommand(script, keys, arguments);
  std::vector<RedisReply> replies;
  Status status = RoundTrip({&command, 1}, &replies, OtherTypes::kAreErrors);
  if (status.detail().starts_with(kNoScript)) {  // Nothing has run.
    if (status = LoadScripts(); status.ok()) status = RoundTrip({&command, 1}, &replies, OtherTypes::kAreErrors);
  }
  if (status.ok()) *reply = std::move(replies.front());
  return status;
}

// A reply would cost Redis a system call, and would wake this worker once more: Redis answers the next request's
// command only after a sync of its own.
Status RedisConnection::SendScript(const RedisScript& script, std::span<const std::string> keys,
                                   std::span<const std::string> arguments) {
  if (Status status = ConnectToWrite(); !status.ok()) return status;
  const StoreCall call(trace_, kRedis, script.name);
  Append(context_.get(), {"CLIENT", "REPLY", "SKIP"});
  Append(context_.get(), ScriptCommand(script, keys, arguments));
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return Lost("send");
  }
  return Status::Ok();
}

// If there is something to read, the connection can no longer be used: a server says nothing unasked, except that it
// ends the connection.
Status RedisConnection::ConnectToWrite() {
  if (context_ && IsReadable(context_.get())) context_.reset();
  return Connect();
}

RedisCommand RedisConnection::ScriptCommand(const RedisScript& script, std::span<const std::string> keys,
                                            std::span<const std::string> arguments) const {
  const std::string key_count = std::to_string(keys.size());
  std::vector<std::string_view> words;
  words.reserve(3 + keys.size() + arguments.size());
  words.insert(words.end(), {"EVALSHA", sha1_.at(script.name), key_count});
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  return RedisCommand(words);
}

Status RedisConnection::RetryOnce(const std::function<Status()>& read) {
  const bool was_connected = context_ != nullptr;
  const auto start = std::chrono::steady_clock::now();
  Status status = read();
  // A restart of the server since the last round trip shows only now. A server that gave no answer in time is not asked
  // again: the client has waited long enough.
  const bool timed_out = std::chrono::steady_clock::now() - start >= timeout_;
  if (status.Is(StatusCode::kUnknownOutcome) && was_connected && !timed_out) status = read();
  return status.Is(StatusCode::kUnknownOutcome) ? Status::Unavailable(status.detail()) : status;
}

// Sends the commands and reads all their replies, so that the connection stays in step. Returns the first error.
Status RedisConnection::RoundTrip(std::span<const RedisCommand> commands, std::vector<RedisReply>* replies,
                                  OtherTypes other_types) {
  if (Status status = Connect(); !status.ok()) return status;
  for (const RedisCommand& command : commands) Append(context_.get(), command);
  replies->clear();
  Status first_error;
  for (size_t i = 0; i < commands.size(); ++i) {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) return Lost("no answer");
    replies->push_back(RedisReply(RedisReply::Owner(static_cast<redisReply*>(reply), FreeReply)));
    FaultPoint("after reply");
    if (other_types == OtherTypes::kAreNil && IsOfAnotherType(static_cast<redisReply*>(reply))) continue;
    if (first_error.ok()) first_error = StatusOf(static_cast<redisReply*>(reply));
  }
  return first_error;
}

Status RedisConnection::Lost(std::string_view what) {
  Status status = Status::UnknownOutcome("redis: " + std::string(what) + ": " + context_->errstr);
  context_.reset();
  return status;
}

Status RedisConnection::Connect() {
  if (context_) return Status::Ok();
  const StoreCall call(trace_, kRedis, "connect");
  context_ = Context(Open(address_, ToTimeval(timeout_)), redisFree);
  if (!context_) return Status::Unavailable("redis: out of memory");
  Status status = context_->err == 0 ? Status::Ok() : Lost("connect to " + address_.Text());
  if (status.ok()) {
    redisSetTimeout(context_.get(), ToTimeval(timeout_));
    status = LogIn();
  }
  if (status.ok()) status = LoadScripts();
  if (!status.ok()) context_.reset();
  return BeforeItWasSent(status);
}

Status RedisConnection::LogIn() {
  if (address_.password_file.empty()) return Status::Ok();
  std::string password;
  if (const std::string error = ReadRedisPassword(address_.password_file, &password); !error.empty())
    return Status::Unavailable("redis: the file with the password: " + error);
  const RedisCommand auth = Auth(address_.username, password);
  std::vector<RedisReply> replies;
  const Status status = RoundTrip({&auth, 1}, &replies, OtherTypes::kAreErrors);
  // The text of an error that nobody knows may repeat the command, and so the password.
  return status.Is(StatusCode::kUnexpected) ? Status::Unavailable("redis: AUTH: an unknown error") : status;
}

Status RedisConnection::LoadScripts() {
  if (scripts_.empty()) return Status::Ok();
  std::vector<RedisCommand> commands;
  for (const RedisScript* script : scripts_) commands.push_back({"SCRIPT", "LOAD", script->lua});
  std::vector<RedisReply> replies;
  if (const Status status = RoundTrip(commands, &replies, OtherTypes::kAreErrors); !status.ok())
    return BeforeItWasSent(status);
  for (size_t i = 0; i < scripts_.size(); ++i) sha1_[scripts_[i]->name] = replies[i].value().Text();
  return Status::Ok();
}

}  // namespace shop
