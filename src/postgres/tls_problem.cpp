#include "postgres/tls_problem.hpp"

#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>

namespace headway::postgres {
namespace {

thread_local long verification = X509_V_OK;

// libpq frees the handshake's object before it reports; this is the last moment at which it tells.
void note_verification(void* parent, void* /*data*/, CRYPTO_EX_DATA* /*all*/, int /*index*/,
                       long /*number*/, void* /*pointer*/) {
  const long result = SSL_get_verify_result(static_cast<const SSL*>(parent));
  if (result != X509_V_OK) verification = result;
}

constexpr std::string_view kRenewServer =
    "Renew the server's certificate; nothing in Headway can be set for it.";
constexpr std::string_view kOtherAuthority =
    "Name the authority that signed the server's certificate in sslrootcert (ca.crt in "
    "--database-dir); where it was rotated, mount the new one, or both in one file.";
constexpr std::string_view kRevocationList =
    "sslcrl must hold a current list of every authority in the server's chain.";
constexpr std::string_view kHostName =
    "Connect by a name that the certificate holds, or have one issued with this name in "
    "subjectAltName; hostaddr= says where to go while host= is the name that is checked.";
constexpr std::string_view kNameMissing =
    "Name the server with host=, which is checked; hostaddr= may say where to go.";
constexpr std::string_view kRootMissing =
    "Name a file in sslrootcert (PGSSLROOTCERT, or ca.crt in --database-dir), or write "
    "sslrootcert=system for the authorities that the image trusts.";
constexpr std::string_view kNoTls =
    "Turn TLS on in the server (or in the pooler before it), or choose another sslmode.";
constexpr std::string_view kTlsVersions =
    "Look at ssl_min_protocol_version and ssl_max_protocol_version on both sides, and at the "
    "server's ssl_ciphers.";
constexpr std::string_view kOwnFiles =
    "Check the files of the client certificate: sslcert and sslkey (tls.crt and tls.key in "
    "--database-dir) must be PEM and belong together, and sslpassword must fit; a rotated Secret "
    "takes up to 90 seconds to reach a pod.";
constexpr std::string_view kOwnCertificate =
    "Give Headway a client certificate that the server's ssl_ca_file vouches for, in sslcert and "
    "sslkey (tls.crt and tls.key in --database-dir); a rotated Secret takes up to 90 seconds to "
    "reach a pod.";

constexpr std::string_view kRefused = "certificate verify failed";

std::string_view advice_on(long result) {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_REVOKED: return kRenewServer;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "Compare the clocks of the server that issued it and of this node, or wait.";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED: return kRevocationList;
    default: return kOtherAuthority;
  }
}

struct Words {
  std::string_view text;
  ErrorId id;
  std::string_view next;
};

constexpr std::array kWords{
    Words{"does not match host name", ErrorId::UntrustedServer, kHostName},
    Words{"server's host name from server certificate", ErrorId::UntrustedServer, kHostName},
    Words{"could not read root certificate file", ErrorId::UntrustedServer, kOtherAuthority},
    Words{"server does not support SSL", ErrorId::TlsUnavailable, kNoTls},
    Words{"alert protocol version", ErrorId::TlsUnavailable, kTlsVersions},
    Words{"unsupported protocol", ErrorId::TlsUnavailable, kTlsVersions},
    Words{"no protocols available", ErrorId::TlsUnavailable, kTlsVersions},
    Words{"alert handshake failure", ErrorId::TlsUnavailable, kTlsVersions},
    // What only another setting cures.
    Words{"host name must be specified", ErrorId::BadConfiguration, kNameMissing},
    Words{"to locate root certificate file", ErrorId::BadConfiguration, kRootMissing},
    Words{"root.crt\" does not exist", ErrorId::BadConfiguration, kRootMissing},
    Words{"certificate present, but not private key", ErrorId::BadConfiguration, kOwnFiles},
    Words{"has group or world access", ErrorId::BadConfiguration,
          "Make it readable by its owner "
          "alone: chmod 0600."},
    // The client's own certificate.  What the server says may be in its own language.
    Words{"could not read certificate file", ErrorId::AuthenticationFailed, kOwnFiles},
    Words{"could not load private key file", ErrorId::AuthenticationFailed, kOwnFiles},
    Words{"certificate does not match private key", ErrorId::AuthenticationFailed, kOwnFiles},
    Words{"certificate authentication failed for user", ErrorId::AuthenticationFailed,
          "The common name of the certificate must be the user's name, or be mapped to it in "
          "pg_ident.conf."},
    Words{"client certificate", ErrorId::AuthenticationFailed, kOwnCertificate},
    Words{", no encryption", ErrorId::AuthenticationFailed,
          "The server has no entry for this user without TLS: set sslmode=verify-full and "
          "sslrootcert."},
    Words{"alert unknown ca", ErrorId::AuthenticationFailed, kOwnCertificate},
    Words{"alert bad certificate", ErrorId::AuthenticationFailed, kOwnCertificate},
    Words{"alert unsupported certificate", ErrorId::AuthenticationFailed, kOwnCertificate},
    Words{"alert certificate", ErrorId::AuthenticationFailed, kOwnCertificate},
};

}  // namespace

void watch_tls() {
  [[maybe_unused]] static const int index = [] {
    PQsetSSLKeyPassHook_OpenSSL(&PQdefaultSSLKeyPassHook_OpenSSL);
    return SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &note_verification);
  }();
}

void forget_verification() { verification = X509_V_OK; }

std::optional<TlsProblem> tls_problem(std::string_view message) {
  std::string text(message);
  // Advice to go without verification, which ours replaces.
  if (const auto advice = text.find("; Either provide the file"); advice != std::string::npos) {
    text.resize(advice);
  }
  if (const auto at = text.find(kRefused); at != std::string::npos) {
    if (verification != X509_V_OK) {
      text.insert(at + kRefused.size(),
                  std::string(": ") + X509_verify_cert_error_string(verification));
    }
    return TlsProblem{ErrorId::UntrustedServer, std::move(text),
                      std::string(advice_on(verification))};
  }
  const auto* const found = std::find_if(kWords.begin(), kWords.end(), [&text](const Words& words) {
    return text.find(words.text) != std::string::npos;
  });
  if (found == kWords.end()) return std::nullopt;
  return TlsProblem{found->id, std::move(text), std::string(found->next)};
}

}  // namespace headway::postgres
