#include "tests/support/redis_server.h"

#include <hiredis/hiredis.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include "tests/support/wait_until.h"

namespace {

using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

Context Connect(const shop::RedisAddress& address) {
  Context context(redisConnectUnixWithTimeout(address.socket.c_str(), timeval{5, 0}), redisFree);
  if (!context || context->err != 0) return {nullptr, redisFree};
  redisSetTimeout(context.get(), timeval{5, 0});
  return context;
}

std::string ToText(const redisReply& reply) {
  std::string text;
  switch (reply.type) {
    case REDIS_REPLY_NIL: return "(nil)";
    case REDIS_REPLY_INTEGER: return std::to_string(reply.integer);
    case REDIS_REPLY_ARRAY:
      for (size_t i = 0; i < reply.elements; ++i) text += (i == 0 ? "" : " ") + ToText(*reply.element[i]);
      return text;
    default: return {reply.str, static_cast<size_t>(reply.len)};
  }
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> options) : options_(std::move(options)) {
  Start();
}

void RedisServer::Stop() {
  if (!process_) return;
  Thaw();
  process_->Signal(SIGTERM);
  process_->Wait();
  process_.reset();
}

void RedisServer::Start() {
  if (process_) return Thaw();
  std::vector<std::string> command = {"redis-server",
                                      "--port",
                                      "0",
                                      "--unixsocket",
                                      address().socket,
                                      "--dir",
                                      folder_.path(),
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "yes",
                                      "--appendfsync",
                                      "always"};
  command.insert(command.end(), options_.begin(), options_.end());
  process_ = std::make_unique<ChildProcess>([&] { return RunProgram(command, folder_.path() + "/log", ""); });
  const bool answers = WaitUntil([this] {
    const Context context = Connect(address());
    if (!context) return false;
    const std::unique_ptr<redisReply, void (*)(redisReply*)> reply(
        static_cast<redisReply*>(redisCommand(context.get(), "PING")), [](redisReply* r) { freeReplyObject(r); });
    return reply && ToText(*reply) == "PONG";
  });
  if (!answers) throw std::runtime_error("redis-server does not start");
}

void RedisServer::Freeze() {
  process_->Signal(SIGSTOP);
  WaitUntil([this] { return StateOf(process_->pid()) == 'T'; });
}

void RedisServer::Thaw() {
  process_->Signal(SIGCONT);
}

void RedisServer::FlushAll() {
  Execute({"FLUSHALL"});
}

std::string RedisServer::Execute(const std::vector<std::string>& command) {
  const Context context = Connect(address());
  if (!context) throw std::runtime_error("redis-server is not there");
  std::vector<const char*> arguments;
  std::vector<size_t> sizes;
  for (const std::string& argument : command) {
    arguments.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  const std::unique_ptr<redisReply, void (*)(redisReply*)> reply(
      static_cast<redisReply*>(
          redisCommandArgv(context.get(), static_cast<int>(arguments.size()), arguments.data(), sizes.data())),
      [](redisReply* r) { freeReplyObject(r); });
  if (!reply) throw std::runtime_error("redis-server does not answer");
  return ToText(*reply);
}

RedisServer& TestRedis() {
  static RedisServer server;
  return server;
}
