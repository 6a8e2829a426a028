// The workers' settings: one constant for each in ops/settings.md, kRedisTimeoutMs for REDIS_TIMEOUT_MS.

#ifndef WORKERS_COMMON_SETTINGS_H_
#define WORKERS_COMMON_SETTINGS_H_

#include "workers/common/environment.h"

namespace shop::settings {

#include "workers/common/settings.inc"

}  // namespace shop::settings

#endif  // WORKERS_COMMON_SETTINGS_H_
