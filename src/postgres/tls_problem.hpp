// What went wrong in a TLS handshake.  libpq tells it in words, always in English (the binary has
// no message catalogues), and for a certificate that it does not accept not even why.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error_id.hpp"

namespace headway::postgres {

/// To be called once before TLS is used: from then on verification's outcome is kept, and OpenSSL
/// does not ask a terminal for a key's passphrase.
void watch_tls();

/// Forgets what the last handshake of this thread came to.
void forget_verification();

struct TlsProblem {
  ErrorId id;
  std::string text;  ///< libpq's, and why a certificate was not accepted
  std::string next;
};

/// Nothing if the message of libpq, or what it repeats of the server's, tells of something else.
/// Knows of the last handshake of this thread.
[[nodiscard]] std::optional<TlsProblem> tls_problem(std::string_view message);

}  // namespace headway::postgres
