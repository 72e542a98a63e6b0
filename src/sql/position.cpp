#include "sql/position.hpp"

#include "sql/utf8.hpp"

namespace headway::sql {

// A byte order mark is not a character of the text: what follows it stands in column 1.
PositionTracker::PositionTracker(std::string_view text) noexcept
    : text_(text), offset_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) {}

Position PositionTracker::at(std::size_t offset) noexcept {
  // Never looks beyond `offset`: a script may be one long line.
  const std::string_view seen = text_.substr(0, offset);
  for (std::size_t newline = seen.find('\n', offset_); newline != std::string_view::npos;
       newline = seen.find('\n', offset_)) {
    ++position_.line;
    position_.column = 1;
    offset_ = newline + 1;
  }
  for (; offset_ < seen.size(); ++offset_) {
    if (!is_continuation_byte(text_[offset_])) ++position_.column;
  }
  return position_;
}

Position position_at(std::string_view script, std::size_t offset) {
  return PositionTracker(script).at(offset);
}

}  // namespace headway::sql
