// Yields a statement's tokens and says of each whether it is a constant, so something that must not
// be shown.
//
// Quotes and digits make constants; so do two kinds of bare words, because passwords are found
// there: the value of a setting whose name holds a dot (SET app.secret = hunter2), and what follows
// PASSWORD where a role is made (the server refuses it without quotes, and it would be shown then).
#pragma once
#include <cstddef>
#include <string_view>

#include "sql/scanner.hpp"

namespace headway::sql {

class Constants {
 public:
  explicit Constants(std::string_view statement) noexcept : text_(statement), scanner_(statement) {}

  Token next() noexcept;
  /// Whether the token that next() returned last is a constant.
  [[nodiscard]] bool constant() const noexcept { return constant_; }

 private:
  enum class Setting : unsigned char { None, Name, Value };

  bool is_constant(const Token& token) noexcept;
  bool take_bare_value() noexcept;
  void note_name(std::string_view text) noexcept;

  std::string_view text_;
  Scanner scanner_;
  std::size_t count_ = 0;
  bool constant_ = false;
  bool sets_ = false;  // SET, ALTER ..: a SET in it names a setting
  bool role_ = false;  // CREATE or ALTER of a role
  bool after_password_ = false;
  Setting setting_ = Setting::None;
  bool dotted_ = false;  // the setting's name holds a dot
};

}  // namespace headway::sql
