// What the tests of this folder ask of connection parameters.
#pragma once
#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "postgres/conninfo.hpp"

namespace headway::postgres {

inline ConnectionParameters parse(std::string_view url) { return parse_database_url(url, "THERE"); }

/// A keyword's value, "-" if it is not set.
inline std::string get(const ConnectionParameters& parameters, std::string_view keyword) {
  const std::string* value = parameters.find(keyword);
  return value != nullptr ? *value : "-";
}

inline std::string get(std::string_view url, std::string_view keyword) {
  return get(parse(url), keyword);
}

template <typename Action>
ErrorInfo error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.info();
  }
  FAIL("nothing was thrown");
  return {};
}

/// The message of the BadDatabaseUrl that the URL meets.
inline std::string refusal(std::string_view url) {
  const ErrorInfo error = error_of([url] { return parse(url); });
  CHECK(error.id == ErrorId::BadDatabaseUrl);
  CHECK(error.message.starts_with("THERE: "));
  return error.message;
}

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Places with an environment of the test's own.
inline DatabasePlaces places(std::map<std::string, std::string> env) {
  DatabasePlaces out;
  out.env = [env = std::move(env)](const std::string& name) -> std::optional<std::string> {
    const auto found = env.find(name);
    if (found == env.end()) return std::nullopt;
    return found->second;
  };
  return out;
}

}  // namespace headway::postgres
