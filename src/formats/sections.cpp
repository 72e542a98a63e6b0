#include "formats/sections.hpp"

#include <utility>

namespace headway::formats {

Error misplaced(std::string message, const std::string& path, std::size_t line) {
  return Error(ErrorId::BadDirective, std::move(message))
      .at({path, line, 1})
      .next("Correct the line; its own tool would refuse the file as well.");
}

}  // namespace headway::formats
