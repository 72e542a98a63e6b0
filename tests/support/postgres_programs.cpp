#include "support/postgres_programs.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace headway::testing {

namespace {

constexpr int kOldest = 14;
constexpr int kNewest = 18;

std::vector<std::string> candidates() {
  if (const char* given = std::getenv("HEADWAY_PG_BINDIR"); given != nullptr && *given != '\0') {
    return {given};
  }
  std::vector<std::string> out;
  for (int major = kNewest; major >= kOldest; --major) {
    out.push_back("/usr/lib/postgresql/" + std::to_string(major) + "/bin");
  }
  const char* path = std::getenv("PATH");
  std::istringstream in(path != nullptr ? path : "");
  for (std::string directory; std::getline(in, directory, ':');) out.push_back(directory);
  return out;
}

}  // namespace

std::string postgres_bindir() {
  for (const auto& directory : candidates()) {
    if (access((directory + "/initdb").c_str(), X_OK) == 0 &&
        access((directory + "/postgres").c_str(), X_OK) == 0) {
      return directory;
    }
  }
  return {};
}

std::string postgres_program(std::string_view name) {
  const std::string directory = postgres_bindir();
  if (directory.empty()) {
    throw std::runtime_error("no PostgreSQL server is installed; set HEADWAY_PG_BINDIR");
  }
  std::string path = directory + "/" + std::string(name);
  if (access(path.c_str(), X_OK) != 0) throw std::runtime_error("there is no program " + path);
  return path;
}

}  // namespace headway::testing
