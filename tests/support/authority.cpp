#include "support/authority.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace headway::testing {

namespace {

constexpr std::chrono::hours kYear{24 * 365};

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + ERR_error_string(ERR_get_error(), nullptr));
}

void require(bool done, const char* what) {
  if (!done) fail(what);
}

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<&BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<&X509_free>>;
using RevocationList = std::unique_ptr<X509_CRL, Freer<&X509_CRL_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<&X509_EXTENSION_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Freer<&ASN1_INTEGER_free>>;
using Time = std::unique_ptr<ASN1_TIME, Freer<&ASN1_TIME_free>>;

long seconds(std::chrono::hours hours) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(hours).count());
}

/// What `write` writes.
template <typename Write>
std::string pem(Write write) {
  const Bio memory(BIO_new(BIO_s_mem()));
  require(memory && write(memory.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "EVP_EC_gen");
  return key;
}

std::string pem_of(const X509* certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "X509V3_EXT_conf_nid");
}

/// Without extensions and signature.
Certificate make_certificate(const CertificateOptions& options, long serial, EVP_PKEY* key) {
  Certificate out(X509_new());
  require(out != nullptr, "X509_new");
  X509_NAME* name = X509_get_subject_name(out.get());
  const bool done =
      X509_set_version(out.get(), X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(out.get()), seconds(options.valid_from)) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(out.get()), seconds(options.valid_until)) != nullptr &&
      X509_NAME_add_entry_by_NID(
          name, NID_commonName, MBSTRING_UTF8,
          reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0) == 1 &&
      X509_set_pubkey(out.get(), key) == 1;
  require(done, "X509");
  return out;
}

}  // namespace

class Authority::Impl {
 public:
  explicit Impl(const std::string& common_name)
      : key_(make_key()),
        certificate_(
            make_certificate({.common_name = common_name, .valid_until = kYear}, 1, key_.get())) {
    X509* own = certificate_.get();
    X509_set_issuer_name(own, X509_get_subject_name(own));
    add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(own, own, NID_subject_key_identifier, "hash");
    require(X509_sign(own, key_.get(), EVP_sha256()) > 0, "X509_sign");
  }

  [[nodiscard]] std::string certificate() const { return pem_of(certificate_.get()); }

  Issued issue(const CertificateOptions& options) {
    const Key key = make_key();
    const long serial = ++last_serial_;
    const Certificate made = make_certificate(options, serial, key.get());
    X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
    std::string names;
    for (const std::string& name : options.names) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) {
      add_extension(made.get(), certificate_.get(), NID_subject_alt_name, names);
    }
    require(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0, "X509_sign");
    return {pem_of(made.get()), pem([&](BIO* out) {
              return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr,
                                                   nullptr);
            }),
            serial};
  }

  [[nodiscard]] std::string revocation_list(const std::vector<long>& serials,
                                            std::chrono::hours until) const {
    const RevocationList list(X509_CRL_new());
    const Time from(X509_gmtime_adj(nullptr, -2 * seconds(std::chrono::hours{24})));
    const Time to(X509_gmtime_adj(nullptr, seconds(until)));
    bool done =
        list && from && to && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1 &&
        X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get())) == 1 &&
        X509_CRL_set1_lastUpdate(list.get(), from.get()) == 1 &&
        X509_CRL_set1_nextUpdate(list.get(), to.get()) == 1;
    for (const long serial : serials) {
      X509_REVOKED* revoked = X509_REVOKED_new();
      const Integer number(ASN1_INTEGER_new());
      done = done && revoked != nullptr && ASN1_INTEGER_set(number.get(), serial) == 1 &&
             X509_REVOKED_set_serialNumber(revoked, number.get()) == 1 &&
             X509_REVOKED_set_revocationDate(revoked, from.get()) == 1 &&
             X509_CRL_add0_revoked(list.get(), revoked) == 1;  // which then owns it
    }
    done = done && X509_CRL_sort(list.get()) == 1 &&
           X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) > 0;
    require(done, "X509_CRL");
    return pem([&](BIO* out) { return PEM_write_bio_X509_CRL(out, list.get()); });
  }

 private:
  Key key_;
  Certificate certificate_;
  long last_serial_ = 1;
};

Authority::Authority(const std::string& common_name) : impl_(std::make_unique<Impl>(common_name)) {}
Authority::~Authority() = default;
Authority::Authority(Authority&&) noexcept = default;

std::string Authority::certificate() const { return impl_->certificate(); }

Issued Authority::issue(const CertificateOptions& options) { return impl_->issue(options); }

std::string Authority::revocation_list(const std::vector<long>& serials,
                                       std::chrono::hours until) const {
  return impl_->revocation_list(serials, until);
}

std::string encrypt_key(const std::string& key, const std::string& passphrase) {
  const Bio in(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  require(in != nullptr, "BIO_new_mem_buf");
  const Key plain(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  require(plain != nullptr, "PEM_read_bio_PrivateKey");
  return pem([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, plain.get(), EVP_aes_256_cbc(), passphrase.data(),
                                         static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

}  // namespace headway::testing
