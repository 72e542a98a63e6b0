// Line and column of ascending offsets at the cost of one walk over the text.
#pragma once
#include <cstddef>
#include <string_view>

#include "sql/splitter.hpp"

namespace headway::sql {

class PositionTracker {
 public:
  explicit PositionTracker(std::string_view text) noexcept;
  /// `text` goes on from `start`.
  PositionTracker(std::string_view text, Position start) noexcept : text_(text), position_(start) {}

  /// `offset` must not be less than in the call before.
  Position at(std::size_t offset) noexcept;

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  Position position_;
};

}  // namespace headway::sql
