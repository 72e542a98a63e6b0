#include "engine/kept_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace headway::engine {
namespace {

/// Where the script changes the session for the first time; nothing: it doesn't.
std::optional<std::size_t> first_line(const PreparedScript& script) {
  if (script.outline && script.outline->changes_session) {
    return script.outline->changes_session->line;
  }
  const auto found = std::ranges::find_if(script.statements, &PreparedStatement::changes_session);
  if (found == script.statements.end()) return std::nullopt;
  return found->position.line;
}

}  // namespace

void KeptSettings::note(Connection& connection, const PreparedScript& script) {
  if (kept_ == formats::SessionKept::Nothing) return;
  const auto line = first_line(script);
  if (!line) return;
  Values left = connection.settings_left();
  std::erase_if(left, [this](const SessionSetting& one) {
    static constexpr std::string_view kEmptyPath = "\"\"";
    return one.name == "search_path" && (kept_ == formats::SessionKept::SettingsButPath ||
                                         one.value.empty() || one.value == kEmptyPath);
  });
  std::string names;
  for (const SessionSetting& one : left) {
    if (std::ranges::find(values_, one) != values_.end()) continue;
    names += fmt::format("{}{} = {}", names.empty() ? "" : ", ", one.name, one.value);
  }
  if (!names.empty()) {
    observer_.warning(
        "session-kept",
        fmt::format("{}:{}: {} stays in force for the migrations behind it in this run, as with "
                    "{}; in a run that begins behind it, it is not",
                    script.path, *line, names, layout_));
  }
  hand_to(connection, std::move(left));
}

void KeptSettings::hand_to(Connection& connection, Values values) {
  values_ = std::move(values);
  connection.keep_settings(values_);
}

}  // namespace headway::engine
