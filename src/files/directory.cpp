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
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "files/large_file.hpp"

namespace headway::files {
namespace {

constexpr int kAttempts = 3;
constexpr std::size_t kWorthAThread = 256;  // files
constexpr off_t kLargestHeld = off_t{8} * 1024 * 1024;
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

struct Listed {
  std::string name;      ///< the path below the directory
  bool is_file = false;  ///< false: it must be looked at
};

struct Names {
  std::vector<Listed> read;
  std::vector<std::string> others;
};

struct DepthLimits {
  int levels;
  std::size_t names;  ///< the walk ends quietly there
  bool read;          ///< whether what lies deeper is read
};
constexpr DepthLimits kNamesOnly{4, 20'000, false};
constexpr DepthLimits kTree{16, 200'000, true};

bool is_directory(int directory, const char* name) {
  struct stat status {};
  return ::fstatat(directory, name, &status, 0) == 0 && S_ISDIR(status.st_mode);
}

Directory open_below(int directory, const char* name) {
  const int fd = ::openat(directory, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NONBLOCK);
  Directory out{fd < 0 ? nullptr : ::fdopendir(fd)};
  if (!out && fd >= 0) ::close(fd);
  return out;
}

/// `prefix`: the path of this directory below the source's, with a slash at its end, or empty.
void list(DIR* directory, const std::string& path, const std::string& prefix,
          const DepthLimits& limits, int level, Names& names) {
  std::vector<std::string> folders;
  ::rewinddir(directory);
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(directory);
    if (entry == nullptr) break;
    const char* const name = &entry->d_name[0];
    if (*name == '.') continue;
    const bool unsure = entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
    const bool reads = (is_sql(name) || formats::is_aside(name)) && (level == 0 || limits.read);
    if (reads && (unsure || entry->d_type == DT_REG)) {
      names.read.push_back({prefix + name, entry->d_type == DT_REG});
    } else if (entry->d_type == DT_DIR || (unsure && is_directory(::dirfd(directory), name))) {
      folders.emplace_back(name);
    } else if (entry->d_type == DT_REG || unsure) {
      names.others.push_back(prefix + name);
    }
  }
  if (errno != 0) {
    throw Error(ErrorId::SourceUnreadable,
                fmt::format("can't list the directory {}: {}", path + prefix, errno_text(errno)));
  }
  if (level >= limits.levels) return;
  for (const std::string& folder : folders) {
    if (names.read.size() + names.others.size() >= limits.names) return;
    const Directory below = open_below(::dirfd(directory), folder.c_str());
    if (below) {
      list(below.get(), path, prefix + folder + "/", limits, level + 1, names);
    } else if (limits.read) {
      throw Error(ErrorId::SourceUnreadable,
                  fmt::format("can't open the directory {}: {}", path + prefix + folder,
                              errno_text(errno)));
    }
  }
}

Names list_all(DIR* directory, const std::string& path, const DepthLimits& limits) {
  Names names;
  list(directory, path, {}, limits, 0, names);
  std::ranges::sort(names.read, {}, &Listed::name);
  std::ranges::sort(names.others);
  return names;
}

/// Where ..data points to; empty if this is no mounted ConfigMap or Secret.
std::string mounted_version(int directory) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(directory, "..data", target.data(), target.size());
  return size <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

/// Less than `size` bytes only at the end of the file.
std::size_t read_some(int fd, char* to, std::size_t size, const std::string& path) {
  for (;;) {
    const ssize_t got = ::read(fd, to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw unreadable(path, errno_text(errno));
  }
}

struct stat status_of(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw unreadable(path, errno_text(errno));
  return status;
}

/// The rest of a file of which `begin` is read.
std::string read_rest(int fd, std::string_view begin, const std::string& path) {
  const off_t size = status_of(fd, path).st_size;
  std::string text(begin);
  text.resize(std::max(begin.size(), static_cast<std::size_t>(size)));
  for (std::size_t filled = begin.size(); filled < text.size();) {
    const std::size_t got = read_some(fd, text.data() + filled, text.size() - filled, path);
    if (got == 0) throw unreadable(path, "it became shorter while it was read");
    filled += got;
  }
  return text;
}

using Buffer = std::array<char, std::size_t{64} * 1024>;

/// Nothing if the name leads to something other than a file.  `vanished` is set, and nothing
/// returned, if it leads nowhere any more.
std::optional<migration::SourceFile> read_file(int directory, const Listed& listed,
                                               const std::string& path, Buffer& buffer,
                                               bool& vanished) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Descriptor file{
      ::openat(directory, listed.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file.valid()) {
    if (errno != ENOENT) throw unreadable(path, errno_text(errno));
    vanished = true;
    return std::nullopt;
  }
  if (!listed.is_file && !S_ISREG(status_of(file.get(), path).st_mode)) return std::nullopt;
  const std::size_t got = read_some(file.get(), buffer.data(), buffer.size(), path);
  const std::string_view begin(buffer.data(), got);
  // A file gives all it has: whoever gives less than was asked for has no more.
  if (got < buffer.size()) return migration::SourceFile{listed.name, path, std::string(begin), {}};
  const off_t size = status_of(file.get(), path).st_size;
  if (size > kLargest) {
    throw unreadable(path, fmt::format("it is larger than 2 GiB ({} bytes)", size));
  }
  if (size > kLargestHeld) {
    return migration::SourceFile{listed.name, path, {}, std::make_shared<const LargeFile>(path)};
  }
  return migration::SourceFile{listed.name, path, read_rest(file.get(), begin, path), {}};
}

struct Reading {
  std::vector<migration::SourceFile> files;
  std::vector<std::string> others;
  std::string vanished;  ///< the path of a file that was listed and is gone
  bool exchanged = false;
  [[nodiscard]] bool whole() const { return vanished.empty() && !exchanged; }
};

Reading read_files(int directory, std::span<const Listed> names, const std::string& prefix) {
  Reading reading;
  reading.files.reserve(names.size());
  const auto buffer = std::make_unique<Buffer>();
  for (const Listed& listed : names) {
    bool vanished = false;
    auto file = read_file(directory, listed, prefix + listed.name, *buffer, vanished);
    if (vanished) {
      reading.vanished = prefix + listed.name;
      return reading;
    }
    if (file) reading.files.push_back(std::move(*file));
  }
  return reading;
}

Reading read_once(DIR* directory, const std::string& prefix, const DepthLimits& limits) {
  const int fd = ::dirfd(directory);
  const std::string version = mounted_version(fd);
  Names names = list_all(directory, prefix, limits);
  const std::span<const Listed> all(names.read);
  Reading reading;
  if (all.size() < kWorthAThread) {
    reading = read_files(fd, all, prefix);
  } else {
    // The kernel's work with names and descriptors is nearly all there is to do.
    const auto half = all.size() / 2;
    auto second =
        std::async(std::launch::async, [&] { return read_files(fd, all.subspan(half), prefix); });
    reading = read_files(fd, all.first(half), prefix);
    Reading rest = second.get();
    if (reading.vanished.empty()) reading.vanished = std::move(rest.vanished);
    std::ranges::move(rest.files, std::back_inserter(reading.files));
  }
  reading.exchanged = mounted_version(fd) != version;
  reading.others = std::move(names.others);
  return reading;
}

}  // namespace

formats::Listing read_directory(const std::string& directory, Depth depth) {
  const Directory handle = open_directory(directory);
  const std::string prefix = directory.ends_with('/') ? directory : directory + "/";
  const DepthLimits& limits = depth == Depth::Tree ? kTree : kNamesOnly;
  Reading reading = read_once(handle.get(), prefix, limits);
  for (int attempt = 1; attempt < kAttempts && !reading.whole(); ++attempt) {
    reading = read_once(handle.get(), prefix, limits);
  }
  if (!reading.vanished.empty()) {
    throw unreadable(reading.vanished, "it is listed, but not there; is it a broken symlink?");
  }
  if (reading.exchanged) {
    throw Error(
        ErrorId::SourceUnreadable,
        fmt::format("the content of {} is exchanged again and again while it is read", directory));
  }
  formats::Listing out;
  out.directory = prefix.substr(0, std::max<std::size_t>(prefix.size() - 1, 1));
  // Not the ranges' own algorithms: clang 14 can't take what they return.
  const auto aside =
      std::stable_partition(reading.files.begin(), reading.files.end(),
                            [](const migration::SourceFile& file) { return is_sql(file.name); });
  std::move(aside, reading.files.end(), std::back_inserter(out.aside));
  reading.files.erase(aside, reading.files.end());
  out.files = std::move(reading.files);
  out.others = std::move(reading.others);
  return out;
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
