#ifndef TESTS_SUPPORT_CHILD_PROCESS_H_
#define TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// A process that the test starts and that never outlives it: it gets `signal_at_end` when this object is destroyed, or
// when the test dies.
class ChildProcess {
 public:
  // Runs `body` in a fork of this process. The fork exits with the status that `body` returns.
  explicit ChildProcess(const std::function<int()>& body, int signal_at_end = SIGKILL);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;

  // The exit status, or 128 + the signal that ended the process; nothing if it still runs after `limit`.
  std::optional<int> Wait(std::chrono::milliseconds limit = std::chrono::seconds(10));

 private:
  pid_t pid_ = -1;
  int signal_at_end_;
  std::optional<int> status_;
};

// For the body of a ChildProcess: becomes `command`, with its output in `log_path`. If it is root, it becomes `user`
// first, unless `user` is empty. 127 if it cannot.
int RunProgram(const std::vector<std::string>& command, const std::string& log_path, const std::string& user);

// The state of a process as in proc(5): 'S' while it waits for something, 'T' while it is stopped; '?' if there is no
// such process.
char StateOf(pid_t pid);

#endif  // TESTS_SUPPORT_CHILD_PROCESS_H_
