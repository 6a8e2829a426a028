// What all programs of the shop do when they start.

#ifndef WORKERS_COMMON_STARTUP_H_
#define WORKERS_COMMON_STARTUP_H_

#include <optional>
#include <string>

#include "workers/common/environment.h"

namespace shop {

// Writes to standard error why the program refuses to work, in a line that begins with its name. Returns its exit
// status, 1.
int Refuse(const std::string& error);

// Whether the program's first argument is `option`.
bool HasOption(int argc, char** argv, const char* option);

// Whether the program ends once its settings have been read, and with which exit status: 0 with the option --version,
// after printing its name and the shop's version, whatever the settings are; 1, after saying which setting is wrong; 0
// with the option --check-config. Nothing: it goes on.
std::optional<int> EndAfterSettings(const Environment& environment, int argc, char** argv);

}  // namespace shop

#endif  // WORKERS_COMMON_STARTUP_H_
