#include "cli/config_file.hpp"

#include <fmt/format.h>

#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/arguments.hpp"

namespace headway::cli {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  std::vector<FileValue> read(std::string_view text) {
    const toml::table root = parse(text);
    for (auto&& [key, node] : root) {
      if (key.str() == "environment" && node.is_table()) {
        for (auto&& [name, section] : *node.as_table()) {
          const toml::table* table = section.as_table();
          if (table == nullptr) {
            throw error(section, fmt::format("environment.{} is not a section", name.str()));
          }
          for (auto&& [inner, value] : *table) add(inner, value, std::string(name.str()));
        }
      } else {
        add(key, node, "");
      }
    }
    return std::move(values_);
  }

 private:
  Location place(const toml::source_region& region) const {
    return {file_, region.begin.line, region.begin.column};
  }

  Error error(const toml::node& node, std::string message) const {
    return Error(ErrorId::BadConfiguration, std::move(message)).at(place(node.source()));
  }

  toml::table parse(std::string_view text) const {
    try {
      return toml::parse(text, file_);
    } catch (const toml::parse_error& e) {
      throw Error(ErrorId::BadConfiguration, std::string(e.description())).at(place(e.source()));
    }
  }

  void add(const toml::key& key, const toml::node& node, std::string environment) {
    const Option* option = find_option(key.str());
    // What names the file, or chooses the section, can't stand in what it chooses.
    const bool misplaced =
        option != nullptr && (option->name == "config" || option->name == "environment");
    if (option == nullptr || misplaced) {
      std::vector<std::string_view> names;
      for (const Option& o : all_options()) names.push_back(o.name);
      const std::string_view guess = option == nullptr ? nearest(key.str(), names) : "";
      throw Error(ErrorId::BadConfiguration,
                  misplaced
                      ? fmt::format("\"{}\" can't be set here", key.str())
                      : fmt::format("there is no option \"{}\"{}", key.str(),
                                    guess.empty() ? "" : fmt::format("; did you mean {}?", guess)))
          .at(place(key.source()));
    }
    FileValue value{option, {}, place(node.source()), std::move(environment)};
    if (option->kind == OptionKind::List) {
      read_list(*option, node, value.texts);
    } else {
      value.texts.push_back(scalar(*option, node));
    }
    values_.push_back(std::move(value));
  }

  std::string scalar(const Option& option, const toml::node& node) const {
    if (option.kind == OptionKind::Flag) {
      if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
      throw error(node, fmt::format("{} is either true or false", option.name));
    }
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    throw error(node, fmt::format("{} is a text", option.name));
  }

  void read_list(const Option& option, const toml::node& node,
                 std::vector<std::string>& texts) const {
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& item : *array) texts.push_back(scalar(option, item));
    } else if (const toml::table* table = node.as_table()) {
      for (auto&& [name, item] : *table) {
        texts.push_back(fmt::format("{}={}", name.str(), scalar(option, item)));
      }
    } else {
      texts.push_back(scalar(option, node));
    }
  }

  const std::string& file_;
  std::vector<FileValue> values_;
};

}  // namespace

std::vector<FileValue> parse_config(std::string_view text, const std::string& file) {
  return Reader(file).read(text);
}

std::string read_config(const std::string& file) {
  const auto fail = [&file]() -> Error {
    return {ErrorId::BadConfiguration,
            fmt::format("can't read the configuration file {}: {}", file, std::strerror(errno))};
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rbe"),
                                                           &std::fclose);
  if (in == nullptr) throw fail();
  std::string text;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, in.get())) {
    text.append(buffer, got);
  }
  if (std::ferror(in.get()) != 0) throw fail();
  return text;
}

}  // namespace headway::cli
