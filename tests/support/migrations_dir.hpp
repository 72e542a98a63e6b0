// A directory of migrations, written down in the test.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/temp_dir.hpp"

namespace headway::testing {

class MigrationsDir {
 public:
  /// MigrationsDir dir{{"0001_a.sql", "create table a ();"}, {"0001_a.down.sql", "drop table a;"}};
  MigrationsDir(std::initializer_list<std::pair<std::string, std::string>> files) {
    for (const auto& [name, text] : files) write(name, text);
  }
  explicit MigrationsDir(const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [name, text] : files) write(name, text);
  }

  [[nodiscard]] std::string path() const { return dir_.path().string(); }
  /// Adds or replaces a file.
  void write(const std::string& name, const std::string& text) const { dir_.write(name, text); }
  void remove(const std::string& name) const { std::filesystem::remove(dir_.path() / name); }

 private:
  TempDir dir_{"hw-mig"};
};

}  // namespace headway::testing
