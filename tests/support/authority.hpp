// A certificate authority of the tests' own: certificates that are right, and each kind of wrong.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace headway::testing {

struct CertificateOptions {
  std::string common_name;
  /// subjectAltName, in OpenSSL's words: "DNS:db.test", "IP:127.0.0.1".
  std::vector<std::string> names = {};
  std::chrono::hours valid_from{-1};  ///< from now
  std::chrono::hours valid_until{24};
};

/// PEM.
struct Issued {
  std::string certificate;
  std::string key;
  long serial = 0;
};

class Authority {
 public:
  explicit Authority(const std::string& common_name);
  ~Authority();
  Authority(Authority&&) noexcept;
  Authority& operator=(Authority&&) = delete;

  /// Its own, which who trusts it holds.
  [[nodiscard]] std::string certificate() const;
  [[nodiscard]] Issued issue(const CertificateOptions& options);
  /// A list of revoked certificates, valid until `until` from now.
  [[nodiscard]] std::string revocation_list(const std::vector<long>& serials,
                                            std::chrono::hours until = std::chrono::hours{
                                                24}) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same private key, encrypted.
[[nodiscard]] std::string encrypt_key(const std::string& key, const std::string& passphrase);

}  // namespace headway::testing
