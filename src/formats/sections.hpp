// Files that hold both ways, divided by lines.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "formats/text.hpp"

namespace headway::formats {

enum class Direction : std::uint8_t { None, Up, Down };

/// The two ways of a file, line by line: each line stands in one of them at most, and both keep
/// their numbers.
class Sections {
 public:
  void add(Direction direction, std::string_view line) {
    add_to(up_, direction == Direction::Up, line);
    add_to(down_, direction == Direction::Down, line);
  }
  [[nodiscard]] std::string up() && { return std::move(up_); }
  [[nodiscard]] std::string down() && { return std::move(down_); }

 private:
  static void add_to(std::string& text, bool belongs, std::string_view line) {
    if (belongs) text += line;
    text += '\n';
  }
  std::string up_;
  std::string down_;
};

/// The error that a line is not where, or as, its tool wants it.
[[nodiscard]] Error misplaced(std::string message, const std::string& path, std::size_t line);

}  // namespace headway::formats
