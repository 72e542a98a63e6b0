#include "postgres/mounted_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/error.hpp"

namespace headway::postgres {

void still_waiting(std::string_view source, const std::string& path, std::string_view state) {
  throw Error(ErrorId::Unreachable,
              fmt::format("{}: waiting for the Secret at {}: it is {}", source, path, state))
      .next("Create the Secret, or check the name under which it is mounted.");
}

void refuse_unreadable(const std::string& path, std::string_view why) {
  std::string text = fmt::format("cannot read {}: {}", path, why);
  if (const std::string access = describe_access(path); !access.empty()) {
    text += fmt::format(" ({}; Headway runs as {}:{})", access, geteuid(), getegid());
  }
  throw Error(ErrorId::BadConfiguration, std::move(text))
      .next(
          "Check that the container's user may read it: give the volume defaultMode 0440 and the "
          "pod an fsGroup.");
}

std::string describe_access(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  return fmt::format("mode {:04o}, owner {}:{}", status.st_mode & 07777U, status.st_uid,
                     status.st_gid);
}

std::optional<std::string> read_mounted(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    refuse_unreadable(path, std::strerror(errno));
  }
  std::string text;
  try {
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  } catch (const std::ios_base::failure&) {
    refuse_unreadable(path, "it is not a plain file");
  }
  return text;
}

}  // namespace headway::postgres
