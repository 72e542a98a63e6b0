// A directory under /tmp that is gone after the test.  Others may read it (mode 0755): servers run
// as user postgres.  The path is short, because a unix socket's may have at most 107 characters.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace headway::testing {

class TempDir {
 public:
  explicit TempDir(std::string_view prefix = "hw");
  ~TempDir();
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes path()/name, with the directories on the way.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

/// Whole files, bytes as they are.  Both throw std::runtime_error.
void write_file(const std::filesystem::path& path, std::string_view text);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace headway::testing
