// The files of a TLS connection, looked at before libpq does: libpq goes on without those that it
// does not find, ignores a revocation list that it can't read, and refuses a private key with the
// mode that Kubernetes gives a Secret by default (root's, 0644).
#pragma once
#include <string>

#include "postgres/conninfo.hpp"

namespace headway::postgres {

/// Valid for one attempt to connect: files rotate.
class TlsFiles {
 public:
  /// Throws Error Unreachable while a file that is named is missing or empty; BadConfiguration if
  /// it can't be read, is a revocation list without a list, or a private key that others may
  /// write, that is not root's and others may read, or that is encrypted and has no sslpassword.
  explicit TlsFiles(const ConnectionParameters& parameters);
  ~TlsFiles();
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  /// Names to libpq the key in its private copy, where it needs one.
  void apply(Keywords& keywords) const;
  /// A message of libpq with the file's own name in place of the copy's.
  [[nodiscard]] std::string own_names(std::string message) const;

 private:
  void check_key(const std::string& path, bool has_password);
  void copy_key(const std::string& path, int file, long size);

  std::string key_;  // its path
  int copy_ = -1;    // in memory
};

}  // namespace headway::postgres
