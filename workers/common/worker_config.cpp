#include "workers/common/worker_config.h"

#include <optional>
#include <string>

#include "workers/common/settings.h"

namespace shop {
namespace {

RedisAddress ReadRedisAddress(Environment* environment) {
  const std::optional<RedisAddress> address = ParseRedisAddress(environment->RequiredText(settings::kRedisAddress));
  if (!address) environment->FailUnshown(settings::kRedisAddress.name, settings::kRedisAddress.allowed);
  RedisAddress redis = address.value_or(RedisAddress());
  redis.username = Environment::Text(settings::kRedisUsername);
  redis.password_file = Environment::Text(settings::kRedisPasswordFile);
  return redis;
}

void CheckLogin(const RedisAddress& redis, Environment* environment) {
  const bool has_blank = redis.username.find_first_of(" \t\r\n") != std::string::npos;
  if (has_blank || (!redis.username.empty() && redis.password_file.empty())) {
    environment->FailUnshown(settings::kRedisUsername.name, settings::kRedisUsername.allowed);
  }
  if (redis.password_file.empty()) return;
  std::string password;
  if (const std::string error = ReadRedisPassword(redis.password_file, &password); !error.empty()) {
    environment->FailUnshown(settings::kRedisPasswordFile.name,
                             std::string(settings::kRedisPasswordFile.allowed) + ": " + error);
  }
}

}  // namespace

WorkerConfig ReadWorkerConfig(Environment* environment) {
  WorkerConfig config;
  config.redis = ReadRedisAddress(environment);
  CheckLogin(config.redis, environment);
  config.redis_timeout = std::chrono::milliseconds(environment->Integer(settings::kRedisTimeoutMs));
  config.log_level = environment->Choice(settings::kLogLevel) == "info" ? LogLevel::kInfo : LogLevel::kWarning;
  config.slow_request = std::chrono::milliseconds(environment->Integer(settings::kSlowRequestMs));
  return config;
}

}  // namespace shop
