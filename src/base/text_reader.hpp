// Text that is too large to be held, piece by piece.
#pragma once
#include <cstddef>

namespace headway {

class TextReader {
 public:
  virtual ~TextReader() = default;
  /// Reads at most `size` bytes (not 0) and returns how many; 0 only at the end.  Throws Error
  /// SourceUnreadable.
  virtual std::size_t read(char* to, std::size_t size) = 0;
};

}  // namespace headway
