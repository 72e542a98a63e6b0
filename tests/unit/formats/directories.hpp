// Directories of other tools as tests like to write them.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/detect.hpp"
#include "formats/source.hpp"
#include "unit/migration/sources.hpp"

namespace headway::testing {

/// What the adapter would list of a directory with these files.
inline formats::Listing listing_of(const std::vector<File>& files) {
  formats::Listing out{"m", {}, {}, {}};
  for (const File& file : files) {
    migration::SourceFile found{file.name, "m/" + file.name, file.text, nullptr};
    if (file.name.ends_with(".sql") || file.name.ends_with(".SQL")) {
      out.files.push_back(std::move(found));
    } else if (formats::is_aside(file.name)) {
      out.aside.push_back(std::move(found));
    } else {
      out.others.push_back(file.name);
    }
  }
  std::ranges::sort(out.files, {}, &migration::SourceFile::name);
  return out;
}

inline migration::Source read(formats::Format format, const std::vector<File>& files,
                              const formats::Reading& reading = {.environment = "production"}) {
  return formats::build_source(format, listing_of(files), reading);
}

inline std::string detected(const std::vector<File>& files) {
  return std::string(formats::format_info(formats::detect(listing_of(files)).format).id);
}

inline std::vector<std::string> names_of(const migration::Source& source) {
  std::vector<std::string> out;
  for (const auto& migration : source.migrations()) out.push_back(migration.name);
  return out;
}

inline bool in_transaction(const migration::Script& script) {
  return script.transaction == migration::Transaction::Each;
}

}  // namespace headway::testing
