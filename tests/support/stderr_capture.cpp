#include "tests/support/stderr_capture.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <system_error>

StderrCapture::StderrCapture() : saved_(dup(STDERR_FILENO)) {
  if (pipe2(pipe_, O_CLOEXEC | O_NONBLOCK) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  dup2(pipe_[1], STDERR_FILENO);
}

StderrCapture::~StderrCapture() {
  dup2(saved_, STDERR_FILENO);
  for (const int fd : {saved_, pipe_[0], pipe_[1]}) close(fd);
}

std::string StderrCapture::Take() {
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(pipe_[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(size));
  return text;
}

std::vector<std::string> StderrCapture::TakeLines() {
  std::vector<std::string> lines;
  std::istringstream text(Take());
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}
