#include "cli/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace headway::cli {
namespace {

using Layer = Origin::Layer;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Python's names for levels: DEBUG, INFO, WARNING, WARN, ERROR, CRITICAL.
std::optional<telemetry::LogLevel> alembic_level(std::string_view text) {
  const std::string level = lower(text);
  if (level == "debug" || level == "notset") return telemetry::LogLevel::Debug;
  if (level == "info") return telemetry::LogLevel::Info;
  if (level == "warning" || level == "warn") return telemetry::LogLevel::Warning;
  if (level == "error" || level == "critical" || level == "fatal")
    return telemetry::LogLevel::Error;
  return std::nullopt;
}

class Resolver {
 public:
  Resolver(const Arguments& arguments, const Variables& variables,
           const std::vector<FileValue>& file)
      : arguments_(arguments), variables_(variables), file_(file) {}

  Resolved resolve() {
    for (const Option& option : all_options()) {
      if (!option.default_value.empty()) {
        const Origin origin{Layer::Default, std::string(option.name), {}};
        option.apply(settings(), {option, option.default_value, origin});
      }
    }
    // Which section of the file counts depends on the layers above it.
    const std::string environment = chosen_environment();
    const bool placed_above = database_named_above_file();
    for (const Layer layer : {Layer::File, Layer::FileEnvironment}) {
      for (const FileValue& value : file_) {
        const bool section = !value.environment.empty();
        if (section != (layer == Layer::FileEnvironment)) continue;
        if (section && lower(value.environment) != lower(environment)) continue;
        if (placed_above && is_database_place(*value.option)) continue;
        apply(*value.option, value.texts, {layer, std::string(value.option->name), value.where});
      }
      reject_both_modes(layer);
    }
    apply_variables();
    apply_flags();
    check();
    return std::move(result_);
  }

 private:
  Settings& settings() { return result_.settings; }

  static bool is_database_place(const Option& option) {
    return option.name == "database-url" || option.name == "database-url-file" ||
           option.name == "database-dir";
  }

  const std::string* flag_value(std::string_view name) const {
    const std::string* found = nullptr;
    for (const GivenOption& given : arguments_.options) {
      if (given.option->name == name) found = &given.value;
    }
    return found;
  }

  std::string chosen_environment() const {
    if (const std::string* flag = flag_value("environment")) return *flag;
    if (const std::string* own = find_variable(variables_, "HEADWAY_ENVIRONMENT")) return *own;
    if (const std::string* hive = find_variable(variables_, "HIVE_ENVIRONMENT")) return *hive;
    return std::string(find_option("environment")->default_value);
  }

  /// A place that a variable names must win over another kind of place in the file.
  bool database_named_above_file() const {
    return std::ranges::any_of(all_options(), [this](const Option& option) {
      return is_database_place(option) &&
             (flag_value(option.name) != nullptr ||
              find_variable(variables_, variable_of(option)) != nullptr);
    });
  }

  void apply(const Option& option, const std::vector<std::string>& texts, const Origin& origin) {
    if (option.name == "strict" || option.name == "lenient") {
      (option.name == "strict" ? strict_seen_ : lenient_seen_) = texts[0] == "true";
    }
    bool first = true;
    for (const std::string& text : texts) {
      option.apply(settings(), {option, text, origin, first});
      first = false;
    }
  }

  void apply_variables() {
    if (const std::string* hive = find_variable(variables_, "HIVE_ENVIRONMENT")) {
      settings().environment = *hive;
    }
    if (const std::string* level = find_variable(variables_, "ALEMBIC_LOG_LEVEL")) {
      if (const auto known = alembic_level(*level)) {
        settings().log_level = known;
      } else {
        result_.warnings.push_back(
            fmt::format("ALEMBIC_LOG_LEVEL: \"{}\" is not a level; it is ignored", *level));
      }
    }
    for (const Option& option : all_options()) {
      const std::string name = variable_of(option);
      const std::string* text = find_variable(variables_, name);
      if (text == nullptr) continue;
      const Origin origin{Layer::Variable, name, {}};
      if (option.kind == OptionKind::Flag) {
        const std::string_view answer = truth(*text);
        if (answer.empty()) throw bad_value({option, *text, origin}, "either true or false");
        apply(option, {std::string(answer)}, origin);
      } else {
        apply(option, items(option, *text), origin);
      }
    }
    reject_both_modes(Layer::Variable);
    for (std::string& warning : unknown_variables(variables_)) {
      result_.warnings.push_back(std::move(warning));
    }
  }

  void apply_flags() {
    std::vector<const Option*> seen;
    for (const GivenOption& given : arguments_.options) {
      const bool first = std::ranges::find(seen, given.option) == seen.end();
      if (first) seen.push_back(given.option);
      const Origin origin{Layer::Flag, fmt::format("--{}", given.option->name), {}};
      if (given.option->kind != OptionKind::List) {
        apply(*given.option, {given.value}, origin);
        continue;
      }
      // A list may be repeated, and all but --set may be written with commas.
      const std::vector<std::string> parts = given.option->separator == ','
                                                 ? items(*given.option, given.value)
                                                 : std::vector<std::string>{given.value};
      for (std::size_t i = 0; i < parts.size(); ++i) {
        given.option->apply(settings(), {*given.option, parts[i], origin, first && i == 0});
      }
    }
    reject_both_modes(Layer::Flag);
    if (!arguments_.positional.empty()) settings().target = arguments_.positional.front();
  }

  static std::vector<std::string> items(const Option& option, std::string_view text) {
    if (option.kind != OptionKind::List) return {std::string(text)};
    std::vector<std::string> out;
    while (!text.empty()) {
      const auto end = text.find(option.separator);
      std::string_view item = text.substr(0, end);
      while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
      while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
      if (!item.empty()) out.emplace_back(item);
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    if (out.empty()) out.emplace_back();  // clears what a lower layer holds
    return out;
  }

  void reject_both_modes(Layer layer) {
    if (strict_seen_ && lenient_seen_) {
      throw Error(layer == Layer::Flag ? ErrorId::BadFlag : ErrorId::BadConfiguration,
                  "strict and lenient are both set")
          .next("Keep the one that is meant.");
    }
    strict_seen_ = lenient_seen_ = false;
  }

  void check() {
    const Settings& s = settings();
    if (s.history_schema.empty() || s.history_table.empty()) {
      throw Error(ErrorId::BadConfiguration, "the history table lacks its name")
          .next("Leave --history-schema and --history-table away, or give them a name.");
    }
  }

  const Arguments& arguments_;
  const Variables& variables_;
  const std::vector<FileValue>& file_;
  Resolved result_;
  bool strict_seen_ = false;
  bool lenient_seen_ = false;
};

}  // namespace

bool Settings::is_strict() const {
  if (strict) return *strict;
  const std::string wanted = lower(environment);
  static constexpr std::array<std::string_view, 4> kLenient{"development", "dev", "local", "test"};
  return std::ranges::find(kLenient, wanted) == kLenient.end();
}

Resolved resolve(const Arguments& arguments, const Variables& variables,
                 const std::vector<FileValue>& file) {
  return Resolver(arguments, variables, file).resolve();
}

Resolved resolve(const Arguments& arguments, const Variables& variables) {
  std::string path;
  if (const std::string* variable = find_variable(variables, "HEADWAY_CONFIG")) path = *variable;
  for (const GivenOption& given : arguments.options) {
    if (given.option->name == "config") path = given.value;
  }
  if (path.empty()) return resolve(arguments, variables, {});
  return resolve(arguments, variables, parse_config(read_config(path), path));
}

}  // namespace headway::cli
