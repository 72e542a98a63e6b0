// A server that takes connections and never says a word.
#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "support/temp_dir.hpp"

namespace headway::testing {

class SilentServer {
 public:
  SilentServer() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::string path = (dir_.path() / ".s.PGSQL.5432").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 8) != 0) {
      throw std::runtime_error("can't listen on " + path);
    }
  }
  ~SilentServer() { ::close(listener_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "postgresql://postgres@/x?host=" + dir_.path().string();
  }

  /// Until somebody has connected; the connection waits in the listener's queue.
  void await_client() const {
    pollfd listener{listener_, POLLIN, 0};
    if (::poll(&listener, 1, 60'000) != 1) throw std::runtime_error("nobody connects");
  }

 private:
  TempDir dir_;
  int listener_;
};

}  // namespace headway::testing
