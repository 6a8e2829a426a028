#ifndef TESTS_SUPPORT_SILENT_PORT_H_
#define TESTS_SUPPORT_SILENT_PORT_H_

#include <string>
#include <vector>

// A port of 127.0.0.1 that says nothing.
class SilentPort {
 public:
  enum class Silence {
    kAcceptsAll,  // Connecting works, and no answer comes: as from a frozen server.
    kDropsAll,    // Connecting gets no answer either: as from a machine without power.
  };

  explicit SilentPort(Silence silence);
  ~SilentPort();
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  std::string port() const;

  // How many have connected since the last call. Only if it accepts all.
  int TakeConnections() const;

 private:
  int Connect() const;

  int listener_;
  std::vector<int> fillers_;  // What fills the queue of the listener.
};

#endif  // TESTS_SUPPORT_SILENT_PORT_H_
