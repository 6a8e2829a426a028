#include "tests/support/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

#include "tests/support/wait_until.h"

ChildProcess::ChildProcess(const std::function<int()>& body, int signal_at_end) : signal_at_end_(signal_at_end) {
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, signal_at_end);
  // Does not run the parent's exit handlers, which would stop the parent's servers.
  _exit(getppid() == parent ? body() : 127);
}

ChildProcess::~ChildProcess() {
  if (status_) return;
  Signal(SIGCONT);
  Signal(signal_at_end_);
  if (Wait()) return;
  Signal(SIGKILL);
  Wait();
}

void ChildProcess::Signal(int signal) const {
  if (!status_) kill(pid_, signal);
}

std::optional<int> ChildProcess::Wait(std::chrono::milliseconds limit) {
  WaitUntil(
      [this] {
        int status = 0;
        if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) {
          status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        return status_.has_value();
      },
      limit);
  return status_;
}

char StateOf(pid_t pid) {
  // The format is "pid (name) state", and the name may have parentheses in it.
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat.size() ? stat[name_end + 2] : '?';
}

int RunProgram(const std::vector<std::string>& command, const std::string& log_path, const std::string& user) {
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (!user.empty() && geteuid() == 0) {
    int signal_at_end = 0;
    prctl(PR_GET_PDEATHSIG, &signal_at_end);
    const passwd* entry = getpwnam(user.c_str());
    if (entry == nullptr || initgroups(user.c_str(), entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 ||
        setuid(entry->pw_uid) != 0) {
      return 127;
    }
    prctl(PR_SET_PDEATHSIG, signal_at_end);  // The kernel forgets it when the user changes.
  }
  // A server must not inherit what the test ignores.
  std::signal(SIGPIPE, SIG_DFL);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::perror(arguments[0]);
  return 127;
}
