#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "telemetry/metrics.hpp"

namespace headway::telemetry {
namespace {

/// A file beside its target that is gone again unless it was renamed into place.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& target)
      // The leading dot and the ending keep node_exporter, which reads *.prom, away from it.
      : path_(beside(target)),
        fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)) {
    if (fd_ < 0) fail();
  }
  ~TemporaryFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!renamed_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail();
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void rename_to(const std::string& target) {
    if (::fchmod(fd_, 0644) != 0) fail();  // whatever the umask: another user's agent reads it
    const int fd = fd_;
    fd_ = -1;
    if (::close(fd) != 0) fail();  // where a network file system tells of a full disk
    if (::rename(path_.c_str(), target.c_str()) != 0) fail();
    renamed_ = true;
  }

 private:
  static std::string beside(const std::string& target) {
    const std::size_t slash = target.rfind('/');
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    return fmt::format("{}.{}.{}.tmp", target.substr(0, name), target.substr(name), ::getpid());
  }

  [[noreturn]] static void fail() { throw std::system_error(errno, std::generic_category()); }

  const std::string path_;
  int fd_;
  bool renamed_ = false;
};

}  // namespace

void write_metrics_file(const std::string& path, const std::string& text) {
  try {
    TemporaryFile file(path);
    file.write(text);
    file.rename_to(path);
  } catch (const std::system_error& error) {
    throw Error(ErrorId::BadConfiguration, fmt::format("the metrics file {} can't be written: {}",
                                                       path, error.code().message()))
        .next("Check the directory of --metrics-file: it must exist and be writable.");
  }
}

}  // namespace headway::telemetry
