#include "sql/text_window.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace headway::sql {

void TextWindow::reserve(std::size_t more) {
  const std::size_t needed = size_ + std::max(chunk_, more) + 1;  // a NUL byte may stand behind it
  if (needed <= capacity_) return;
  auto* const grown = static_cast<char*>(std::realloc(bytes_.get(), needed));
  if (grown == nullptr) throw std::bad_alloc();
  static_cast<void>(bytes_.release());
  bytes_.reset(grown);
  capacity_ = needed;
}

void TextWindow::fill(std::size_t more) {
  reserve(more);
  for (std::size_t left = std::max(chunk_, more); left > 0 && !complete_;) {
    const std::size_t got = reader_.read(bytes_.get() + size_, left);
    complete_ = got == 0;
    size_ += got;
    left -= got;
  }
}

void TextWindow::erase(std::size_t begin, std::size_t end) noexcept {
  std::memmove(bytes_.get() + begin, bytes_.get() + end, size_ - end);
  size_ -= end - begin;
}

}  // namespace headway::sql
