// The part of a text that is looked at just now.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/text_reader.hpp"

namespace headway::sql {

class TextWindow {
 public:
  TextWindow(TextReader& reader, std::size_t chunk) : reader_(reader), chunk_(chunk) {}

  [[nodiscard]] std::string_view text() const noexcept { return {bytes_.get(), size_}; }
  /// Nothing comes behind it.
  [[nodiscard]] bool complete() const noexcept { return complete_; }

  /// How much fill() reads at least.
  [[nodiscard]] std::size_t chunk() const noexcept { return chunk_; }
  /// Makes room for another chunk, or for `more` if that is more; may move the text.
  void reserve(std::size_t more = 0);
  /// Reads as much, unless the end comes first.
  void fill(std::size_t more = 0);
  void erase(std::size_t begin, std::size_t end) noexcept;

  /// While it lives, a NUL byte stands at `at`.
  class Terminated {
   public:
    Terminated(TextWindow& window, std::size_t at) noexcept
        : window_(window), at_(at), byte_(window.bytes_.get()[at]) {
      window_.bytes_.get()[at_] = '\0';
    }
    ~Terminated() { window_.bytes_.get()[at_] = byte_; }
    Terminated(const Terminated&) = delete;
    Terminated& operator=(const Terminated&) = delete;

   private:
    TextWindow& window_;
    std::size_t at_;
    char byte_;
  };

 private:
  struct Free {
    void operator()(char* bytes) const noexcept { std::free(bytes); }
  };

  TextReader& reader_;
  std::size_t chunk_;
  // Grown by realloc(), which moves pages instead of copying what is in them.
  std::unique_ptr<char, Free> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool complete_ = false;
};

}  // namespace headway::sql
