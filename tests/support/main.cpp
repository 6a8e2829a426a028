// The main program of both test binaries.

#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/MemoryLeakWarningPlugin.h>

#include <csignal>

int main(int argc, char** argv) {
  // LeakSanitizer finds the leaks, also those of the C libraries.
  MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
  // As in a worker, a store that goes away must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  return CommandLineTestRunner::RunAllTests(argc, argv);
}
