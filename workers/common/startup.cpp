#include "workers/common/startup.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace shop {
namespace {

constexpr char kProgramVersion[] =
#include "workers/common/version.inc"
    ;

}  // namespace

int Refuse(const std::string& error) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, error.c_str());
  return 1;
}

bool HasOption(int argc, char** argv, const char* option) {
  return argc > 1 && std::strcmp(argv[1], option) == 0;
}

std::optional<int> EndAfterSettings(const Environment& environment, int argc, char** argv) {
  if (HasOption(argc, argv, "--version")) {
    std::printf("%s %s\n", program_invocation_short_name, kProgramVersion);
    return 0;
  }
  if (!environment.error().empty()) return Refuse(environment.error());
  return HasOption(argc, argv, "--check-config") ? std::optional(0) : std::nullopt;
}

}  // namespace shop
