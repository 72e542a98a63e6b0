// The commands as one table: the parser, help and completion read it.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace headway::cli {

struct Invocation;

enum class CommandId : std::uint8_t {
  Upgrade,
  Downgrade,
  Redo,
  Current,
  Heads,
  History,
  Status,
  Plan,
  Stamp,
  Adopt,
  Import,
  Revision,
  Validate,
  Check,
  Init,
  Repair,
  Wait,
  Serve,
  Probe,
  Completion,
  Version,
};

enum class Argument : std::uint8_t { None, Optional, Required };

struct Command {
  CommandId id;
  std::string_view name;
  std::string_view alias;  ///< may be empty
  Argument argument;
  std::string_view argument_name;  ///< "TARGET"
  std::string_view summary;        ///< one line, for the list of commands
  std::string_view description;    ///< paragraphs, for `COMMAND --help`
  int (*run)(const Invocation&);
};

[[nodiscard]] std::span<const Command> all_commands() noexcept;
/// By name or alias; null if there is none.
[[nodiscard]] const Command* find_command(std::string_view name) noexcept;
[[nodiscard]] const Command& command_of(CommandId id) noexcept;

/// A set of commands.
class CommandSet {
 public:
  constexpr CommandSet(std::initializer_list<CommandId> ids) {
    for (const CommandId id : ids) bits_ |= bit(id);
  }
  [[nodiscard]] static constexpr CommandSet all() {
    CommandSet set{};
    set.bits_ = ~std::uint32_t{0};
    return set;
  }
  [[nodiscard]] constexpr bool contains(CommandId id) const { return (bits_ & bit(id)) != 0; }
  [[nodiscard]] constexpr bool is_all() const { return bits_ == ~std::uint32_t{0}; }
  friend constexpr CommandSet operator|(CommandSet a, CommandSet b) {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  static constexpr std::uint32_t bit(CommandId id) {
    return std::uint32_t{1} << static_cast<std::uint32_t>(id);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace headway::cli
