// The kubelet mounts a ConfigMap as symlinks into ..data, itself a symlink to a directory with a
// date for a name.  To change the content it points ..data elsewhere and removes the old directory:
// files may vanish between listing and reading, and those read before and after would be of two
// versions.  So the directory is read again when either happened.
#include "files/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.hpp"

namespace headway::files {
namespace {

constexpr int kAttempts = 3;
constexpr off_t kLargest = off_t{2} * 1024 * 1024 * 1024;

std::string errno_text(int code) { return std::generic_category().message(code); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Error unreadable(const std::string& path, const std::string& why) {
  return Error(ErrorId::SourceUnreadable, fmt::format("can't read the file: {}", why))
      .at({path, 0, 0});
}

Directory open_directory(const std::string& path) {
  if (path.empty()) throw Error(ErrorId::SourceMissing, "the directory of migrations has no name");
  if (Directory directory{::opendir(path.c_str())}) return directory;
  const int code = errno;
  if (code == ENOENT) {
    throw Error(ErrorId::SourceMissing, fmt::format("there is no directory {}", path));
  }
  if (code == ENOTDIR) {
    throw Error(ErrorId::SourceMissing, fmt::format("{} is not a directory", path));
  }
  throw Error(ErrorId::SourceUnreadable,
              fmt::format("can't open the directory {}: {}", path, errno_text(code)));
}

bool is_sql(std::string_view name) {
  static constexpr std::string_view kEnding = ".sql";
  if (name.size() < kEnding.size() || name[0] == '.') return false;
  return std::ranges::equal(name.substr(name.size() - kEnding.size()), kEnding, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

std::vector<std::string> list(DIR* directory, const std::string& path) {
  std::vector<std::string> names;
  ::rewinddir(directory);
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(directory);
    if (entry == nullptr) break;
    const bool candidate =
        entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
    if (candidate && is_sql(&entry->d_name[0])) names.emplace_back(&entry->d_name[0]);
  }
  if (errno != 0) {
    throw Error(ErrorId::SourceUnreadable,
                fmt::format("can't list the directory {}: {}", path, errno_text(errno)));
  }
  std::ranges::sort(names);
  return names;
}

/// Where ..data points to; empty if this is no mounted ConfigMap or Secret.
std::string mounted_version(int directory) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(directory, "..data", target.data(), target.size());
  return size <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

std::string read_all(int fd, std::size_t size, const std::string& path) {
  std::string text(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(fd, text.data() + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw unreadable(path, errno_text(errno));
    if (got == 0) throw unreadable(path, "it became shorter while it was read");
    filled += static_cast<std::size_t>(got);
  }
  return text;
}

/// Nothing if the name leads to something other than a file.  `vanished` is set, and nothing
/// returned, if it leads nowhere any more.
std::optional<std::string> read_file(int directory, const std::string& name,
                                     const std::string& path, bool& vanished) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Descriptor file{::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file.valid()) {
    if (errno != ENOENT) throw unreadable(path, errno_text(errno));
    vanished = true;
    return std::nullopt;
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw unreadable(path, errno_text(errno));
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  if (status.st_size > kLargest) {
    throw unreadable(path, fmt::format("it is larger than 2 GiB ({} bytes)", status.st_size));
  }
  return read_all(file.get(), static_cast<std::size_t>(status.st_size), path);
}

struct Reading {
  std::vector<migration::SourceFile> files;
  std::string vanished;  ///< the path of a file that was listed and is gone
  bool exchanged = false;
  [[nodiscard]] bool whole() const { return vanished.empty() && !exchanged; }
};

Reading read_once(DIR* directory, const std::string& prefix, const std::string& path) {
  Reading reading;
  const int fd = ::dirfd(directory);
  const std::string version = mounted_version(fd);
  const std::vector<std::string> names = list(directory, path);
  reading.files.reserve(names.size());
  for (const std::string& name : names) {
    bool vanished = false;
    auto text = read_file(fd, name, prefix + name, vanished);
    if (vanished) {
      reading.vanished = prefix + name;
      return reading;
    }
    if (text) reading.files.push_back({name, prefix + name, std::move(*text)});
  }
  reading.exchanged = mounted_version(fd) != version;
  return reading;
}

}  // namespace

std::vector<migration::SourceFile> read_directory(const std::string& directory, bool allow_empty) {
  const Directory handle = open_directory(directory);
  const std::string prefix = directory.ends_with('/') ? directory : directory + "/";
  Reading reading = read_once(handle.get(), prefix, directory);
  for (int attempt = 1; attempt < kAttempts && !reading.whole(); ++attempt) {
    reading = read_once(handle.get(), prefix, directory);
  }
  if (!reading.vanished.empty()) {
    throw unreadable(reading.vanished, "it is listed, but not there; is it a broken symlink?");
  }
  if (reading.exchanged) {
    throw Error(
        ErrorId::SourceUnreadable,
        fmt::format("the content of {} is exchanged again and again while it is read", directory));
  }
  if (reading.files.empty() && !allow_empty) {
    throw Error(ErrorId::SourceEmpty, fmt::format("there is no .sql file in {}", directory));
  }
  return std::move(reading.files);
}

void write_new_file(const std::string& path, const std::string& text) {
  const auto failed = [&path](int code) {
    return Error(ErrorId::BadConfiguration,
                 code == EEXIST ? fmt::format("{} is there already", path)
                                : fmt::format("can't write {}: {}", path, errno_text(code)));
  };
  Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
  if (!file.valid()) throw failed(errno);
  int code = 0;
  for (std::size_t done = 0; done < text.size() && code == 0;) {
    const ssize_t wrote = ::write(file.get(), text.data() + done, text.size() - done);
    if (wrote >= 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (errno != EINTR) {
      code = errno;
    }
  }
  // A full disk may show itself only now.
  if (::close(file.release()) != 0 && code == 0) code = errno;
  if (code == 0) return;
  ::unlink(path.c_str());
  throw failed(code);
}

}  // namespace headway::files
