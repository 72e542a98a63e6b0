// Constants of a Python program, read without running it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headway::formats {

struct PythonConstant {
  std::size_t line = 0;  ///< where it is assigned
  /// None has none, a text is one, a tuple, list or set of texts has several.  Nothing: the value
  /// is something that only Python could compute.
  std::optional<std::vector<std::string>> texts;
};

/// What the module assigns to `name` where a line begins with it, last: `name = "a"`,
/// `name: str = "a"`, `other = name = None`, `other, name = "a", "b"`.  Nothing if it doesn't.
[[nodiscard]] std::optional<PythonConstant> python_constant(std::string_view module,
                                                            std::string_view name);

/// The first line of the text that a module begins with, if it does.
[[nodiscard]] std::string python_summary(std::string_view module);

}  // namespace headway::formats
