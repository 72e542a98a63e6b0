// The one table of options.  Flags, HEADWAY_* variables, the configuration file, help and
// completion all read it, so nothing is listed twice.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/settings.hpp"

namespace headway::cli {

enum class OptionKind : std::uint8_t { Flag, Text, Duration, Choice, List };
enum class OptionGroup : std::uint8_t {
  Command,
  Source,
  Database,
  Targets,
  Running,
  Metrics,
  General
};

/// Where a value was found: for messages, and because it decides who wins.
struct Origin {
  enum class Layer : std::uint8_t { Default, File, FileEnvironment, Variable, Flag };
  Layer layer = Layer::Default;
  std::string name;  ///< "--lock-wait", "HEADWAY_LOCK_WAIT", "lock-wait"
  Location where;    ///< in the configuration file
};

struct Option;
/// One value on its way into Settings; a List may come in several.
struct Value {
  const Option& option;
  std::string_view text;  ///< a Flag's is "true" or "false"
  const Origin& origin;
  bool first = true;  ///< of this layer: a list starts anew
};

struct Option {
  std::string_view name;  ///< without the dashes
  char letter;            ///< short form, or 0
  OptionKind kind;
  std::string_view value_name;      ///< "DURATION"
  std::string_view default_value;   ///< applied before all layers; may be empty
  std::string_view default_remark;  ///< shown instead where the default is not one value
  std::string_view help;
  OptionGroup group;
  CommandSet commands;
  std::span<const std::string_view> choices;
  /// What separates the items of a List in a variable; 0: a variable holds one item.
  char separator;
  void (*apply)(Settings&, const Value&);

  [[nodiscard]] bool takes_value() const noexcept { return kind != OptionKind::Flag; }
};

[[nodiscard]] std::span<const Option> all_options() noexcept;
[[nodiscard]] const Option* find_option(std::string_view name) noexcept;
[[nodiscard]] const Option* find_option(char letter) noexcept;
/// "lock-wait" -> "HEADWAY_LOCK_WAIT"
[[nodiscard]] std::string variable_of(const Option& option);

/// The error that a value is not understood: BadFlag or BadConfiguration, at its place.
[[nodiscard]] Error bad_value(const Value& value, std::string_view expected);

}  // namespace headway::cli
