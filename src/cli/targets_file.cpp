#include "cli/targets_file.hpp"

#include <fmt/format.h>

#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <unordered_map>

#include "cli/arguments.hpp"

namespace headway::cli {
namespace {

constexpr std::string_view kSchema = "{schema}";
constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestIdentifier = 63;

constexpr std::array<std::string_view, 7> kTargetKeys{
    "name",   "database-url",   "database-url-file", "database-dir",
    "schema", "history-schema", "history-table"};
constexpr std::array<std::string_view, 11> kTenantsKeys{
    "database-url",   "database-url-file", "database-dir",   "schemas",
    "databases",      "schema-query",      "database-query", "name-prefix",
    "history-schema", "history-table",     "allow-empty"};

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  std::vector<TargetGroup> read(std::string_view text) {
    const toml::table root = parse(text);
    for (auto&& [key, node] : root) {
      const bool one = key.str() == "target";
      if (!one && key.str() != "tenants") {
        throw error(place(key.source()),
                    fmt::format("\"{}\" is neither [[target]] nor [[tenants]]", key.str()));
      }
      const toml::array* entries = node.as_array();
      if (entries == nullptr) {
        throw error(place(node.source()), fmt::format("write it as [[{}]]", key.str()));
      }
      for (const toml::node& entry : *entries) {
        const toml::table* table = entry.as_table();
        if (table == nullptr) {
          throw error(place(entry.source()), fmt::format("write it as [[{}]]", key.str()));
        }
        groups_.push_back(one ? target(*table) : tenants(*table));
      }
    }
    if (groups_.empty()) throw error({file_}, "the file names no target");
    // As they stand in the file, whatever their kind.
    std::ranges::stable_sort(
        groups_, {}, [](const TargetGroup& g) { return std::pair(g.where.line, g.where.column); });
    return std::move(groups_);
  }

 private:
  Location place(const toml::source_region& region) const {
    return {file_, region.begin.line, region.begin.column};
  }

  static Error error(const Location& where, std::string message) {
    return Error(ErrorId::BadConfiguration, std::move(message))
        .at(where)
        .next("Correct the targets file; README.md describes it.");
  }

  toml::table parse(std::string_view text) const {
    try {
      return toml::parse(text, file_);
    } catch (const toml::parse_error& e) {
      throw error(place(e.source()), std::string(e.description()));
    }
  }

  void require_known(const toml::table& table, std::span<const std::string_view> known) const {
    for (auto&& [key, node] : table) {
      if (std::ranges::find(known, key.str()) != known.end()) continue;
      const std::string_view guess = nearest(key.str(), known);
      throw error(place(key.source()),
                  fmt::format("there is no key \"{}\" here{}", key.str(),
                              guess.empty() ? "" : fmt::format("; did you mean {}?", guess)));
    }
  }

  /// Nothing if the key is not there.
  std::optional<std::string> text(const toml::table& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_string();
    if (value == nullptr) throw error(place(node->source()), fmt::format("{} is a text", key));
    if (value->get().empty()) throw error(place(node->source()), fmt::format("{} is empty", key));
    return value->get();
  }

  std::optional<std::vector<std::string>> list(const toml::table& table,
                                               std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
      throw error(place(node->source()), fmt::format("{} is a list of texts", key));
    }
    std::vector<std::string> out;
    for (const toml::node& item : *array) {
      const auto* value = item.as_string();
      if (value == nullptr) {
        throw error(place(item.source()), fmt::format("{} is a list of texts", key));
      }
      if (std::ranges::find(out, value->get()) != out.end()) {
        throw error(place(item.source()), fmt::format("\"{}\" is listed twice", value->get()));
      }
      out.push_back(value->get());
    }
    return out;
  }

  TargetGroup begin(const toml::table& table) const {
    TargetGroup group;
    group.where = place(table.source());
    int places = 0;
    if (auto url = text(table, "database-url")) {
      group.place.url = std::move(*url);
      group.place.url_source = place(table.get("database-url")->source()).text();
      ++places;
    }
    if (auto path = text(table, "database-url-file")) {
      group.place.url_file = std::move(*path);
      ++places;
    }
    if (auto path = text(table, "database-dir")) {
      group.place.directory = std::move(*path);
      ++places;
    }
    if (places > 1) {
      throw error(group.where, "database-url, database-url-file and database-dir: keep one");
    }
    group.history_schema = text(table, "history-schema").value_or("");
    group.history_table = text(table, "history-table").value_or("");
    return group;
  }

  void require_placeholder_only_with_schema(const TargetGroup& group) const {
    for (const std::string* pattern : {&group.history_schema, &group.history_table}) {
      if (pattern->find(kSchema) != std::string::npos) {
        throw error(group.where, fmt::format("{} stands for a schema, and none is named", kSchema));
      }
    }
  }

  TargetGroup target(const toml::table& table) const {
    require_known(table, kTargetKeys);
    TargetGroup group = begin(table);
    auto name = text(table, "name");
    if (!name) throw error(group.where, "a [[target]] needs a name");
    group.listed.push_back(std::move(*name));
    group.schema = text(table, "schema").value_or("");
    if (group.schema.empty()) require_placeholder_only_with_schema(group);
    return group;
  }

  TargetGroup tenants(const toml::table& table) const {
    require_known(table, kTenantsKeys);
    TargetGroup group = begin(table);
    int ways = 0;
    for (const bool schemas : {true, false}) {
      const auto kind = schemas ? TargetGroup::Kind::Schemas : TargetGroup::Kind::Databases;
      if (auto names = list(table, schemas ? "schemas" : "databases")) {
        group.kind = kind;
        group.listed = std::move(*names);
        ++ways;
      }
      if (auto query = text(table, schemas ? "schema-query" : "database-query")) {
        group.kind = kind;
        group.query = std::move(*query);
        ++ways;
      }
    }
    if (ways != 1) {
      throw error(group.where,
                  "[[tenants]] needs one of schemas, databases, schema-query and database-query");
    }
    group.name_prefix = text(table, "name-prefix").value_or("");
    if (const toml::node* node = table.get("allow-empty")) {
      const auto* value = node->as_boolean();
      if (value == nullptr) {
        throw error(place(node->source()), "allow-empty is either true or false");
      }
      group.allow_empty = value->get();
    }
    if (group.kind == TargetGroup::Kind::Databases) {
      require_placeholder_only_with_schema(group);
    } else {
      require_own_histories(group);
    }
    return group;
  }

  /// One history for several schemas would call the second one migrated when the first one is.
  void require_own_histories(const TargetGroup& group) const {
    const auto differs = [](const std::string& pattern) {
      return pattern.find(kSchema) != std::string::npos;
    };
    if (group.history_schema.empty() || differs(group.history_schema) ||
        differs(group.history_table)) {
      return;
    }
    throw error(group.where,
                fmt::format("all schemas would share one history: write {} into history-schema or "
                            "history-table",
                            kSchema));
  }

  const std::string& file_;
  std::vector<TargetGroup> groups_;
};

std::string filled(std::string pattern, const std::string& schema) {
  for (auto at = pattern.find(kSchema); at != std::string::npos;
       at = pattern.find(kSchema, at + schema.size())) {
    pattern.replace(at, kSchema.size(), schema);
  }
  return pattern;
}

void require_name(const std::string& name, const TargetGroup& group) {
  const bool printable = std::ranges::none_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!name.empty() && name.size() <= kLongestName && printable) return;
  throw Error(
      ErrorId::BadConfiguration,
      fmt::format("a target's name has 1 to {} bytes and no control characters", kLongestName))
      .at(group.where);
}

/// A name that the server would refuse, or take for another schema than the one meant: in a search
/// path "$user" is the role's own, and pg_temp the session's.
void require_schema(const std::string& name, const TargetGroup& group) {
  std::string_view problem;
  if (name.size() > kLongestIdentifier) problem = "is longer than the 63 bytes of an identifier";
  if (name == "$user") problem = "means the role's own schema in a search path";
  if (name.starts_with("pg_") || name == "information_schema") problem = "is the server's own";
  if (problem.empty()) return;
  throw Error(ErrorId::BadConfiguration,
              fmt::format("\"{}\" can't be a tenant's schema: the name {}", name, problem))
      .at(group.where)
      .next("Correct the list or the query.");
}

}  // namespace

std::vector<TargetGroup> parse_targets(std::string_view text, const std::string& file) {
  return Reader(file).read(text);
}

std::vector<Target> targets_of(const TargetGroup& group, std::size_t index,
                               const std::vector<std::string>& names) {
  if (names.empty() && !group.allow_empty) {
    throw Error(ErrorId::BadConfiguration,
                group.query.empty() ? "the list names nobody" : "the query lists nobody")
        .at(group.where)
        .next("Write allow-empty = true if there may be none.");
  }
  std::vector<Target> out;
  out.reserve(names.size());
  for (const std::string& name : names) {
    require_name(name, group);
    Target target;
    target.name = group.name_prefix + name;
    target.group = index;
    if (group.kind == TargetGroup::Kind::Schemas) target.schema = name;
    if (group.kind == TargetGroup::Kind::One) target.schema = group.schema;
    if (group.kind == TargetGroup::Kind::Databases) target.database = name;
    target.history_schema = filled(group.history_schema, target.schema);
    target.history_table = filled(group.history_table, target.schema);
    if (!target.schema.empty()) {
      require_schema(target.schema, group);
      if (target.history_schema.empty()) target.history_schema = target.schema;
      if (target.history_table.empty()) target.history_table = kTenantHistoryTable;
    }
    out.push_back(std::move(target));
  }
  return out;
}

void require_distinct_names(const std::vector<Target>& targets,
                            const std::vector<TargetGroup>& groups) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (const Target& target : targets) {
    const auto [at, is_new] = seen.emplace(target.name, target.group);
    if (is_new) continue;
    throw Error(ErrorId::BadConfiguration,
                fmt::format("two targets are called \"{}\"; the other one is of {}", target.name,
                            groups[at->second].where.text()))
        .at(groups[target.group].where)
        .next("Give one another name, or the group a name-prefix.");
  }
}

}  // namespace headway::cli
