// How a directory of another tool is to be read.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace headway::formats {

struct Reading {
  std::string environment;  ///< what `environments=` is compared with
  /// Of Flyway (${name}) and tern ({{.name}}).
  std::map<std::string, std::string, std::less<>> placeholders = {};
  bool replace_placeholders = true;
  /// Files that only their own tool can run are no error before they are to be run.
  bool skip_foreign_code = false;
  std::string default_schema = "public";  ///< what Flyway's ${flyway:defaultSchema} stands for
  /// An environment variable, for goose's ENVSUB; nothing: it is not set.
  std::function<std::optional<std::string>(const std::string& name)> variable = {};
};

}  // namespace headway::formats
