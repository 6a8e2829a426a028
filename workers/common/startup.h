// How the shop's programs begin.

#ifndef WORKERS_COMMON_STARTUP_H_
#define WORKERS_COMMON_STARTUP_H_

#include <optional>
#include <string>

#include "workers/common/environment.h"

namespace shop {

// Says on standard error why the program does not do its work, in a line that begins with its name. Gives its exit
// status, 1.
int Refuse(const std::string& error);

// Whether the program's first argument is `option`.
bool HasOption(int argc, char** argv, const char* option);

// The exit status of a program that ends before its work, once its settings have been read: 1, having said which is
// wrong, or 0 with the option --check-config. Nothing: it goes on.
std::optional<int> EndAfterSettings(const Environment& environment, int argc, char** argv);

}  // namespace shop

#endif  // WORKERS_COMMON_STARTUP_H_
