#include "files/large_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.hpp"

namespace headway::files {
namespace {

Error unreadable(const std::string& path, int code) {
  return Error(ErrorId::SourceUnreadable,
               fmt::format("can't read the file: {}", std::generic_category().message(code)))
      .at({path, 0, 0});
}

class FileReader final : public TextReader {
 public:
  explicit FileReader(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) throw unreadable(path, errno);
    ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  ~FileReader() override { ::close(fd_); }
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  std::size_t read(char* to, std::size_t size) override {
    for (;;) {
      const ssize_t got = ::read(fd_, to, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) throw unreadable(path_, errno);
    }
  }

 private:
  std::string path_;
  int fd_;
};

}  // namespace

std::unique_ptr<TextReader> LargeFile::open() const { return std::make_unique<FileReader>(path_); }

}  // namespace headway::files
