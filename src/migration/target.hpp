// TARGET as Alembic writes it: head, heads, base, +2, -1, a version, a unique prefix of one.
#pragma once
#include <string>
#include <string_view>

namespace headway::migration {

struct Target {
  enum class Kind { Head, Heads, Base, Relative, Version };
  Kind kind = Kind::Head;
  int steps = 0;     ///< Relative: positive up, negative down
  std::string text;  ///< Version: as written
};

/// Throws Error BadTarget.
[[nodiscard]] Target parse_target(std::string_view text);

}  // namespace headway::migration
