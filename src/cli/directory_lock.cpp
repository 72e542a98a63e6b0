#include "cli/directory_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.hpp"

namespace headway::cli {

void make_directory(const std::string& directory) {
  std::error_code problem;
  std::filesystem::create_directories(directory, problem);
  if (!problem) return;
  throw Error(ErrorId::BadConfiguration,
              fmt::format("can't make the directory {}: {}", directory, problem.message()));
}

DirectoryLock::DirectoryLock(const std::string& directory)
    : fd_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (fd_ < 0) {
    throw Error(ErrorId::BadConfiguration,
                fmt::format("can't open {}: {}", directory, std::strerror(errno)));
  }
  // Some network file systems know no locks; then a clash is left to write_new_file().
  while (::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

DirectoryLock::~DirectoryLock() { ::close(fd_); }

}  // namespace headway::cli
