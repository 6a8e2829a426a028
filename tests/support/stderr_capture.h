#ifndef TESTS_SUPPORT_STDERR_CAPTURE_H_
#define TESTS_SUPPORT_STDERR_CAPTURE_H_

#include <string>
#include <vector>

// Captures what the process writes to file descriptor 2 while this object lives, up to the 64 kB of a pipe.
class StderrCapture {
 public:
  StderrCapture();
  ~StderrCapture();
  StderrCapture(const StderrCapture&) = delete;
  StderrCapture& operator=(const StderrCapture&) = delete;

  // What was written since the last call.
  std::string Take();

  // The same, split at newlines; the last line need not end in one.
  std::vector<std::string> TakeLines();

 private:
  int saved_ = -1;
  int pipe_[2] = {-1, -1};
};

#endif  // TESTS_SUPPORT_STDERR_CAPTURE_H_
