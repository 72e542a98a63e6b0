#include "postgres/tls_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/x509_vfy.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "postgres/endpoints.hpp"
#include "postgres/mounted_file.hpp"

namespace headway::postgres {
namespace {

// PEM; what is larger is none.
constexpr long kLargestKey = 1L << 20;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

[[noreturn]] void wait_for_file(std::string_view keyword, const std::string& path,
                                std::string_view state) {
  throw Error(ErrorId::Unreachable,
              fmt::format("{}: waiting for the file {}: it is {}", keyword, path, state))
      .next(
          "Create the Secret or ConfigMap behind it, or check the name under which it is mounted.");
}

/// Open for reading, and not empty.
Descriptor open_file(std::string_view keyword, const std::string& path, struct stat& status) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) wait_for_file(keyword, path, "missing");
    refuse_unreadable(path, std::strerror(errno));
  }
  if (fstat(file.get(), &status) != 0) refuse_unreadable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) refuse_unreadable(path, "it is not a plain file");
  if (status.st_size == 0) wait_for_file(keyword, path, "empty");
  return file;
}

void check_file(const ConnectionParameters& parameters, std::string_view keyword) {
  const std::string* path = parameters.find(keyword);
  if (path == nullptr) return;
  struct stat status {};
  open_file(keyword, *path, status);
}

// libpq's way to load one, whose failure it ignores.
void check_revocation_list(const ConnectionParameters& parameters) {
  check_file(parameters, "sslcrl");
  const std::string* path = parameters.find("sslcrl");
  if (path == nullptr) return;
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      &X509_STORE_free);
  if (store && X509_STORE_load_file(store.get(), path->c_str()) == 1) return;
  throw Error(ErrorId::BadConfiguration,
              fmt::format("sslcrl: {} holds no list of revoked certificates", *path))
      .next("Write the list in PEM there; without one, leave sslcrl out.");
}

/// What libpq asks of a key.
bool is_private(const struct stat& status) {
  const auto others = status.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  return (status.st_mode & static_cast<mode_t>(others)) == 0;
}

/// A Secret as the kubelet mounts it, whatever its defaultMode: nobody but root can change it, and
/// who may read it was settled by who may enter the container.
bool is_mounted(const struct stat& status) {
  return status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

[[noreturn]] void refuse_key(const std::string& path, std::string_view why) {
  throw Error(ErrorId::BadConfiguration,
              fmt::format("sslkey: {} {} ({})", path, why, describe_access(path)))
      .next(
          "Mount the Secret with defaultMode 0440 and give the pod an fsGroup; outside of "
          "Kubernetes, chmod 0600.");
}

bool is_encrypted(const std::string& path, int file, long size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  const ssize_t got = pread(file, text.data(), text.size(), 0);
  if (got < 0) refuse_unreadable(path, std::strerror(errno));
  // "BEGIN ENCRYPTED PRIVATE KEY", or "Proc-Type: 4,ENCRYPTED" in the older form.
  const bool out = text.find("ENCRYPTED") != std::string::npos;
  OPENSSL_cleanse(text.data(), text.size());
  return out;
}

/// Kernels may be told to refuse one that could be executed; older ones don't know the flag, nor
/// does glibc's header.
int make_memory_file() {
  static constexpr unsigned kNoExecSeal = 0x0008U;
  const int file = memfd_create("sslkey", MFD_CLOEXEC | kNoExecSeal);
  return file < 0 && errno == EINVAL ? memfd_create("sslkey", MFD_CLOEXEC) : file;
}

std::string name_of(int descriptor) { return fmt::format("/proc/self/fd/{}", descriptor); }

}  // namespace

TlsFiles::TlsFiles(const ConnectionParameters& parameters) {
  if (!may_use_tls(parameters)) return;
  check_file(parameters, "sslrootcert");
  check_revocation_list(parameters);
  check_file(parameters, "sslcert");
  if (const std::string* key = parameters.find("sslkey")) {
    check_key(*key, parameters.find("sslpassword") != nullptr);
  }
}

TlsFiles::~TlsFiles() {
  if (copy_ >= 0) close(copy_);
}

void TlsFiles::check_key(const std::string& path, bool has_password) {
  struct stat status {};
  const Descriptor file = open_file("sslkey", path, status);
  if (status.st_size > kLargestKey) refuse_key(path, "is too large for a private key");
  if (!has_password && is_encrypted(path, file.get(), status.st_size)) {
    throw Error(ErrorId::BadConfiguration,
                fmt::format("sslkey: {} is encrypted, and there is no sslpassword", path))
        .next(
            "Write sslpassword= into the URL or as a key of the Secret, or mount the key "
            "without a passphrase.");
  }
  if (is_private(status)) return;
  if (!is_mounted(status)) {
    refuse_key(path, status.st_uid == 0 ? "may be changed by others than root"
                                        : "may be read by others, and is not root's");
  }
  copy_key(path, file.get(), status.st_size);
}

void TlsFiles::copy_key(const std::string& path, int file, long size) {
  Descriptor copy(make_memory_file());
  bool copied = copy.get() >= 0 && fchmod(copy.get(), S_IRUSR | S_IWUSR) == 0;
  off_t from = 0;
  while (copied && from < size) {
    copied = sendfile(copy.get(), file, &from, static_cast<std::size_t>(size - from)) > 0;
  }
  // Where /proc is not mounted, libpq could not be told of it.
  copied = copied && access(name_of(copy.get()).c_str(), R_OK) == 0;
  if (!copied) refuse_key(path, "may be read by others");
  copy_ = copy.release();
  key_ = path;
}

void TlsFiles::apply(Keywords& keywords) const {
  if (copy_ < 0) return;
  for (auto& [keyword, value] : keywords) {
    if (keyword == "sslkey") value = name_of(copy_);
  }
}

std::string TlsFiles::own_names(std::string message) const {
  if (copy_ < 0) return message;
  const std::string name = name_of(copy_) + '"';
  for (std::size_t at = 0; (at = message.find(name, at)) != std::string::npos;) {
    message.replace(at, name.size(), key_ + '"');
    at += key_.size();
  }
  return message;
}

}  // namespace headway::postgres
