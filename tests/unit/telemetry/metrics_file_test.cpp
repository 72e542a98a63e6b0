#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "telemetry/metrics.hpp"

using namespace headway;
using namespace headway::telemetry;

namespace {

class Directory {
 public:
  Directory() {
    char name[] = "/tmp/hw-metrics-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_),
                                                  std::filesystem::directory_iterator()));
  }

 private:
  std::string path_;
};

std::string read(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a metrics file replaces the old one and leaves nothing beside it") {
  const Directory directory;
  const std::string path = directory / "headway.prom";
  const mode_t before = ::umask(077);
  write_metrics_file(path, "old 1\n");
  write_metrics_file(path, "new 2\n");
  ::umask(before);
  CHECK(read(path) == "new 2\n");
  CHECK(directory.entries() == 1);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0644);
}

TEST_CASE("a metrics file that can't be written names itself, and the old one stays") {
  const Directory directory;
  try {
    write_metrics_file(directory / "missing/headway.prom", "x\n");
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.id() == ErrorId::BadConfiguration);
    CHECK(error.info().message.find("missing/headway.prom") != std::string::npos);
    CHECK(error.info().message.find("No such file or directory") != std::string::npos);
  }
  const std::string occupied = directory / "occupied";
  std::filesystem::create_directories(occupied + "/inside");
  CHECK_THROWS_AS(write_metrics_file(occupied, "x\n"), Error);
  CHECK(directory.entries() == 1);
}

TEST_CASE("a metrics file without a directory stands in the current one") {
  const Directory directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory / ".");
  write_metrics_file("headway.prom", "x 1\n");
  std::filesystem::current_path(before);
  CHECK(read(directory / "headway.prom") == "x 1\n");
}
