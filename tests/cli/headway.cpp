#include "cli/headway.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>

#include "support/temp_dir.hpp"

namespace headway::testing {

Command Headway::command(std::vector<std::string> args, const Variables& more) const {
  Command command;
  command.args = {HEADWAY_BINARY};
  command.args.insert(command.args.end(), args.begin(), args.end());
  // A person's pod has these; the tests' own are not for headway.
  command.environment = {{"HEADWAY_POD", "pod-1"}};
  if (!url.empty()) command.environment.emplace_back("HEADWAY_DATABASE_URL", url);
  if (!migrations.empty()) command.environment.emplace_back("HEADWAY_MIGRATIONS", migrations);
  for (const Variables& layer : {variables, more}) {
    for (const auto& [name, text] : layer) {
      std::erase_if(command.environment,
                    [&name = name](const auto& set) { return set.first == name; });
      command.environment.emplace_back(name, text);
    }
  }
  command.working_directory = "/";
  return command;
}

Exit Headway::operator()(std::vector<std::string> args, const Variables& more) const {
  return run(command(std::move(args), more));
}

std::string masked(std::string text) {
  static const std::vector<std::pair<std::regex, std::string>> masks = {
      {std::regex(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ)"), "<time>"},
      {std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z)"), "<time>"},
      {std::regex(R"((_seconds":)[-0-9.e]+)"), "$1<seconds>"},
      {std::regex(R"(\b\d+(\.\d)? m?s\b(?: {2,})?)"), "<duration>  "},
      {std::regex(R"(<duration>  (?=[\).\n]))"), "<duration>"},
      {std::regex(R"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"), "<uuid>"},
      {std::regex(R"(PostgreSQL \d+\.\d+( \([^)]*\))?)"), "PostgreSQL <server>"},
      {std::regex(R"("server_version":"[^"]*")"), R"("server_version":"<server>")"},
      {std::regex(R"(\bt_[a-z0-9]{6,})"), "<database>"},
      {std::regex(R"(\bheadway_scratch_\d+_[0-9a-f]{8}\b)"), "<scratch>"},
      {std::regex(R"(/tmp/hw[A-Za-z0-9._-]+)"), "<dir>"},
      {std::regex(R"((headway )\d+\.\d+\.\d+( \([0-9a-f]+\))?)"), "$1<version>"},
      {std::regex(R"("headway_version":"[^"]*")"), R"("headway_version":"<version>")"},
  };
  for (const auto& [pattern, mask] : masks) text = std::regex_replace(text, pattern, mask);
  return text;
}

void check_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(HEADWAY_GOLDEN) / (name + ".txt");
  const std::string actual = masked(text);
  const char* update = std::getenv("HEADWAY_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    write_file(path, actual);
    return;
  }
  CAPTURE(name);
  CHECK(actual == read_file(path));
}

}  // namespace headway::testing
