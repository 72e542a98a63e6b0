// A file that is too large to be held: read when the source is loaded, once to be checked and
// hashed, and again when it is run.
#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "base/text_reader.hpp"
#include "migration/checksum.hpp"

namespace headway::migration {

/// Thread-safe.
class LargeText {
 public:
  virtual ~LargeText() = default;
  /// From its beginning, as it is on disk now.  Throws Error SourceUnreadable.
  [[nodiscard]] virtual std::unique_ptr<TextReader> open() const = 0;
};

/// A line that begins another tool's way back.
struct WayBack {
  std::string words;
  std::size_t line = 0;
};

/// Reads a file as a Script holds it, without BOM and with LF ends, and takes its checksum.
class PlainReader final : public TextReader {
 public:
  explicit PlainReader(std::unique_ptr<TextReader> file) : file_(std::move(file)) {}

  std::size_t read(char* to, std::size_t size) override;
  /// Reads what is left.  Call once.
  [[nodiscard]] Checksum finish();
  /// The first one of what was read.
  [[nodiscard]] const std::optional<WayBack>& way_back() const noexcept { return way_back_; }

 private:
  bool refill();
  void look_at(std::string_view text);
  void end_of_line();

  std::unique_ptr<TextReader> file_;
  std::unique_ptr<std::array<char, std::size_t{64} * 1024>> buffer_;
  std::size_t begin_ = 0;  // of what is left in buffer_
  std::size_t end_ = 0;
  bool carriage_return_ = false;  // was read and not given yet
  Sha256 hash_;
  std::size_t line_ = 1;
  std::string line_begin_;
  std::optional<WayBack> way_back_;
};

/// What the first reading of a large up file or repeatable has found.
struct Outline {
  Checksum checksum;
  std::size_t statements = 0;  ///< without an outer BEGIN and COMMIT
  std::string begin_modes;
  std::size_t last_line = 0;  ///< where the last statement begins
  std::optional<WayBack> way_back;
  struct Place {
    std::size_t line = 0;
    std::size_t column = 0;
    std::string statement;  ///< normalised
  };
  std::optional<Place> changes_session;  ///< the first statement that does
  std::optional<ErrorInfo> fault;        ///< why it can't be run
};

/// Reads a large text once; `path` is for messages.  Throws Error SourceUnreadable.
using Examine = std::function<Outline(const LargeText& text, const std::string& path)>;

/// The text as a Script holds it.
[[nodiscard]] std::string read_whole(const LargeText& text);

}  // namespace headway::migration
