// The file names of the native layout (design, section 4).
#pragma once
#include <string>

#include "migration/version.hpp"

namespace headway::migration {

struct NativeName {
  enum class Kind {
    Up,          ///< 42_create_metrics.sql, 42-create_metrics.sql, 42.sql
    Down,        ///< the same with .down.sql
    Repeatable,  ///< R__views.sql
    Foreign,     ///< not SQL: README.md, .gitkeep
  };
  Kind kind = Kind::Foreign;
  Version version;   ///< Up, Down: the leading digits
  std::string name;  ///< what follows them; may be empty
};

/// Throws Error BadFileName for an SQL file that fits nothing; `path` is what the message shows.
[[nodiscard]] NativeName parse_native_name(const std::string& file_name, const std::string& path);

}  // namespace headway::migration
