#include "sql/splitter.hpp"

namespace headway::sql {

Position position_at(std::string_view script, std::size_t offset) {
  Position position;
  for (const char c : script.substr(0, offset)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {  // not a continuation byte
      ++position.column;
    }
  }
  return position;
}

}  // namespace headway::sql
