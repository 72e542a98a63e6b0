#include "files/directory.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using headway::Error;
using headway::ErrorId;
using headway::ErrorInfo;
using headway::files::Depth;
using headway::files::read_directory;
using headway::files::write_new_file;
using headway::testing::TempDir;

namespace {

constexpr std::string_view kSql = "SELECT 1;\n";

auto files_in(const std::string& directory) { return read_directory(directory, Depth::Flat).files; }

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& file : files_in(directory)) names.push_back(file.name);
  return names;
}

using Names = std::vector<std::string>;

ErrorInfo refused(const std::string& directory) {
  try {
    static_cast<void>(read_directory(directory, Depth::Flat));
  } catch (const Error& error) {
    return error.info();
  }
  FAIL("no error was thrown");
  return {};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What the kubelet does with a ConfigMap: a dated directory, ..data to it, names through ..data.
void mount(const TempDir& dir, const std::string& date, const std::string& content) {
  dir.write(".." + date + "/1_a.sql", content);
  dir.write(".." + date + "/2_b.sql", content);
  fs::create_directory_symlink(".." + date, dir.path() / "..data_tmp");
  fs::rename(dir.path() / "..data_tmp", dir.path() / "..data");
  for (const char* name : {"1_a.sql", "2_b.sql"}) {
    if (!fs::is_symlink(dir.path() / name))
      fs::create_symlink(fs::path("..data") / name, dir.path() / name);
  }
}

}  // namespace

TEST_CASE("files come in order of name, with their texts byte by byte") {
  const TempDir dir;
  dir.write("2_b.sql", std::string("\xEF\xBB\xBF\r\n\0x", 7));
  dir.write("10_c.sql", "");
  dir.write("1_a.sql", kSql);
  const auto files = files_in(dir.path().string());
  REQUIRE(files.size() == 3);
  CHECK(files[0].name == "10_c.sql");
  CHECK(files[0].text.empty());
  CHECK(files[1].name == "1_a.sql");
  CHECK(files[1].path == dir.path().string() + "/1_a.sql");
  CHECK(files[2].text == std::string("\xEF\xBB\xBF\r\n\0x", 7));
}

TEST_CASE("a slash at the end of the directory is not doubled") {
  const TempDir dir;
  dir.write("1_a.sql", kSql);
  CHECK(files_in(dir.path().string() + "/")[0].path == dir.path().string() + "/1_a.sql");
}

TEST_CASE("only SQL files count, in whatever case, and none that begins with a dot") {
  const TempDir dir;
  for (const char* name : {"1_a.sql", "2_b.SQL", "README.md", ".hidden.sql", ".sql", "3_c.sql~"}) {
    dir.write(name, kSql);
  }
  CHECK(names_in(dir.path().string()) == Names{"1_a.sql", "2_b.SQL"});
}

TEST_CASE("directories are left aside, whatever they are called and hold") {
  const TempDir dir;
  dir.write("1_a.sql", kSql);
  dir.write("lost+found/2_b.sql", kSql);
  dir.write("3_c.sql/4_d.sql", kSql);
  fs::create_directory_symlink("lost+found", dir.path() / "5_e.sql");
  CHECK(names_in(dir.path().string()) == Names{"1_a.sql"});
}

TEST_CASE("a FIFO is left aside and not waited for") {
  const TempDir dir;
  dir.write("1_a.sql", kSql);
  REQUIRE(::mkfifo((dir.path() / "2_b.sql").c_str(), 0600) == 0);
  fs::create_symlink("2_b.sql", dir.path() / "3_c.sql");
  CHECK(names_in(dir.path().string()) == Names{"1_a.sql"});
}

TEST_CASE("a mounted ConfigMap is read through its symlinks, each file once") {
  const TempDir dir;
  mount(dir, "2026_11_22_09_30_00.123", "SELECT 'old';\n");
  const auto files = files_in(dir.path().string());
  REQUIRE(files.size() == 2);
  CHECK(files[0].name == "1_a.sql");
  CHECK(files[0].text == "SELECT 'old';\n");
  CHECK(files[1].name == "2_b.sql");
}

TEST_CASE("an exchanged ConfigMap is read in its new version") {
  const TempDir dir;
  mount(dir, "2026_11_22_09_30_00.123", "SELECT 'old';\n");
  mount(dir, "2026_11_22_09_31_00.456", "SELECT 'new';\n");
  fs::remove_all(dir.path() / "..2026_11_22_09_30_00.123");
  for (const auto& file : files_in(dir.path().string())) CHECK(file.text == "SELECT 'new';\n");
}

TEST_CASE("while a ConfigMap is exchanged, all files are of one version") {
  const TempDir dir;
  mount(dir, "0", "SELECT 0;\n");
  std::atomic<bool> stop{false};
  std::thread kubelet([&] {
    for (int i = 1; !stop; ++i) {
      mount(dir, std::to_string(i), "SELECT " + std::to_string(i) + ";\n");
      fs::remove_all(dir.path() / (".." + std::to_string(i - 1)));
    }
  });
  int read = 0;
  int mixed = 0;
  for (int i = 0; i < 300; ++i) {
    try {
      const auto files = files_in(dir.path().string());
      ++read;
      if (files.size() != 2 || files[0].text != files[1].text) ++mixed;
    } catch (const Error& error) {  // exchanged three times in a row: refused, not mixed
      CHECK(error.id() == ErrorId::SourceUnreadable);
    }
  }
  stop = true;
  kubelet.join();
  CHECK(read > 0);
  CHECK(mixed == 0);
}

TEST_CASE("the directory itself may be a symlink") {
  const TempDir dir;
  dir.write("real/1_a.sql", kSql);
  fs::create_directory_symlink("real", dir.path() / "link");
  CHECK(names_in((dir.path() / "link").string()) == Names{"1_a.sql"});
}

TEST_CASE("a directory that is not there, or is a file, is a missing source") {
  const TempDir dir;
  dir.write("file", kSql);
  CHECK(refused((dir.path() / "nowhere").string()).id == ErrorId::SourceMissing);
  const ErrorInfo file = refused((dir.path() / "file").string());
  CHECK(file.id == ErrorId::SourceMissing);
  CHECK(contains(file.message, "is not a directory"));
  CHECK(refused("").id == ErrorId::SourceMissing);
}

TEST_CASE("what lies deeper is named, and read where that is asked for") {
  const TempDir dir;
  dir.write("1_a.sql", kSql);
  dir.write("README.md", kSql);
  dir.write("deep/er/2_b.sql", kSql);
  dir.write("deep/metadata.toml", "x = 1\n");
  dir.write(".git/3_c.sql", kSql);
  fs::create_directory_symlink("deep", dir.path() / "link");
  const auto flat = read_directory(dir.path().string(), Depth::Flat);
  CHECK(flat.directory == dir.path().string());
  CHECK(flat.files.size() == 1);
  CHECK(flat.aside.empty());
  CHECK(flat.others == Names{"README.md", "deep/er/2_b.sql", "deep/metadata.toml",
                             "link/er/2_b.sql", "link/metadata.toml"});
  const auto tree = read_directory(dir.path().string(), Depth::Tree);
  CHECK(tree.others == Names{"README.md"});
  REQUIRE(tree.files.size() == 3);
  CHECK(tree.files[1].name == "deep/er/2_b.sql");
  CHECK(tree.files[1].path == (dir.path() / "deep/er/2_b.sql").string());
  CHECK(tree.files[1].text == kSql);
  REQUIRE(tree.aside.size() == 2);
  CHECK(tree.aside[0].name == "deep/metadata.toml");
  CHECK(tree.aside[0].text == "x = 1\n");
}

TEST_CASE("directories that contain each other end somewhere") {
  const TempDir dir;
  dir.write("1_a.sql", kSql);
  fs::create_directory_symlink(".", dir.path() / "self");
  CHECK(read_directory(dir.path().string(), Depth::Flat).others.size() < 10);
  CHECK(read_directory(dir.path().string(), Depth::Tree).files.size() < 50);
}

TEST_CASE("a broken symlink is an error that names it") {
  const TempDir dir;
  dir.write("1_a.sql", kSql);
  fs::create_symlink("nowhere.sql", dir.path() / "2_b.sql");
  const ErrorInfo error = refused(dir.path().string());
  CHECK(error.id == ErrorId::SourceUnreadable);
  CHECK(error.where.file == (dir.path() / "2_b.sql").string());
}

TEST_CASE("what can't be read is an error with the system's reason") {
  const TempDir dir;
  fs::create_symlink("2_b.sql", dir.path() / "2_b.sql");  // a circle: refused to root, too
  const ErrorInfo error = refused(dir.path().string());
  CHECK(error.id == ErrorId::SourceUnreadable);
  CHECK(contains(error.message, "symbolic links"));
}

TEST_CASE("a file too large to be a migration is refused before it is read") {
  const TempDir dir;
  dir.write("1_a.sql", kSql);
  fs::resize_file(dir.path() / "1_a.sql", 3ULL * 1024 * 1024 * 1024);  // a hole, not bytes
  const ErrorInfo error = refused(dir.path().string());
  CHECK(error.id == ErrorId::SourceUnreadable);
  CHECK(contains(error.message, "2 GiB"));
}

TEST_CASE("a new file is written, an existing one is never touched") {
  const TempDir dir;
  const std::string path = (dir.path() / "1_a.sql").string();
  write_new_file(path, "SELECT 1;\n");
  CHECK(files_in(dir.path().string())[0].text == "SELECT 1;\n");
  CHECK_THROWS_WITH_AS(write_new_file(path, "SELECT 2;\n"), (path + " is there already").c_str(),
                       Error);
  CHECK(files_in(dir.path().string())[0].text == "SELECT 1;\n");
}

TEST_CASE("a file that can't be written is an error with the system's reason") {
  const TempDir dir;
  try {
    write_new_file((dir.path() / "nowhere/1_a.sql").string(), "x");
    FAIL("no error was thrown");
  } catch (const Error& error) {
    CHECK(error.id() == ErrorId::BadConfiguration);
    CHECK(contains(error.info().message, "No such file or directory"));
  }
}
