// Sources and errors as tests like to write them.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "migration/plan.hpp"
#include "migration/source.hpp"
#include "migration/target.hpp"

namespace headway::testing {

struct File {
  std::string name;
  std::string text = "SELECT 1;\n";
};

inline migration::Source source_of(const std::vector<File>& files,
                                   std::string_view environment = "production") {
  std::vector<migration::SourceFile> found;
  for (const File& file : files) found.push_back({file.name, "m/" + file.name, file.text});
  return migration::build_native_source(std::move(found), environment);
}

/// 1, 2 .. each with a way back.
inline migration::Source line_of(int count) {
  std::vector<File> files;
  for (int i = 1; i <= count; ++i) {
    files.push_back({std::to_string(i) + "_m.sql", "SELECT " + std::to_string(i) + ";\n"});
    files.push_back({std::to_string(i) + "_m.down.sql"});
  }
  return source_of(files);
}

inline migration::Version v(std::string text) { return migration::Version(std::move(text)); }

inline std::vector<std::string> texts_of(const std::vector<migration::Version>& versions) {
  std::vector<std::string> texts;
  for (const auto& version : versions) texts.push_back(version.text());
  return texts;
}

inline std::vector<std::string> versions_of(const migration::Source& source) {
  std::vector<std::string> texts;
  for (const auto& migration : source.migrations()) texts.push_back(migration.version.text());
  return texts;
}

/// "apply 1", "revert 2", "repeat views" ...
inline std::vector<std::string> steps_of(const migration::Plan& plan) {
  using Action = migration::Step::Action;
  std::vector<std::string> texts;
  for (const auto& step : plan.steps) {
    switch (step.action) {
      case Action::Apply: texts.push_back("apply " + step.version.text()); break;
      case Action::Resume: texts.push_back("resume " + step.version.text()); break;
      case Action::Revert: texts.push_back("revert " + step.version.text()); break;
      case Action::Repeat: texts.push_back("repeat " + step.name); break;
      case Action::Insert: texts.push_back("insert " + step.version.text()); break;
      case Action::Remove: texts.push_back("remove " + step.version.text()); break;
      case Action::Adopt: texts.push_back("adopt " + step.version.text()); break;
    }
  }
  return texts;
}

/// The Error that `call` throws; the test fails if it throws none.
template <typename Call>
ErrorInfo error_of(const Call& call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error.info();
  }
  FAIL("no error was thrown");
  return {};
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

using Texts = std::vector<std::string>;

}  // namespace headway::testing

/// So that a failed comparison of lists shows them.
template <>
struct doctest::StringMaker<headway::testing::Texts> {
  static String convert(const headway::testing::Texts& texts) {
    std::string joined;
    for (const std::string& text : texts) joined += (joined.empty() ? "[" : ", ") + text;
    return (joined.empty() ? "[]" : joined + "]").c_str();
  }
};
