// A server of any version, as far as the greeting goes: it lets everybody in, says which version it
// is, and answers nothing that it is asked then.  For versions that can't be installed any more.
//
// It listens on a unix socket and serves one client after the other, on a thread of its own.
#pragma once
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "support/temp_dir.hpp"

namespace headway::testing {

class FakeServer {
 public:
  /// `version`: what it calls server_version.
  explicit FakeServer(std::string version);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  [[nodiscard]] std::string url() const;
  /// The types of the messages that clients sent after the greeting: "QX" for a query and a
  /// farewell.  Complete for clients that have ended.
  [[nodiscard]] std::string heard() const;

 private:
  void serve();
  void talk_to(int client);

  TempDir dir_;
  std::string version_;
  int listener_ = -1;
  mutable std::mutex mutex_;
  std::string heard_;
  int client_ = -1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace headway::testing
