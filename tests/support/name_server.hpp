// A DNS server for tests, on a loopback address of its own.  DNS clients know no port but 53, so it
// takes root.
#pragma once
#include <string>
#include <thread>

namespace headway::testing {

class NameServer {
 public:
  /// Knows one host, by its IPv4 address.  Throws std::runtime_error if port 53 is not to be had.
  NameServer(std::string host, std::string host_address);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  /// For resolv.conf.
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  void serve() const;
  [[nodiscard]] std::string answer(const std::string& query) const;

  std::string host_;
  std::string host_address_;
  std::string address_;
  int socket_ = -1;
  int stop_ = -1;
  std::thread thread_;
};

}  // namespace headway::testing
