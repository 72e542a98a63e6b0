// What a file leaves set in its session for the files behind it, where its tool runs all of them in
// one: found out with the tools themselves (tests/interop), but for those that have no witness.
#pragma once
#include <cstdint>
#include <string_view>

#include "formats/format.hpp"

namespace headway::formats {

enum class SessionKept : std::uint8_t {
  Nothing,
  Settings,
  SettingsButPath,  ///< the tool puts back search_path alone
};

/// Of a Source's layout().
[[nodiscard]] constexpr SessionKept session_kept(std::string_view layout) noexcept {
  for (const FormatInfo& info : kFormats) {
    if (info.id != layout) continue;
    switch (info.format) {
      case Format::Headway:
      case Format::Tern: return SessionKept::Nothing;
      case Format::Flyway: return SessionKept::SettingsButPath;
      default: return SessionKept::Settings;
    }
  }
  return SessionKept::Nothing;
}

}  // namespace headway::formats
