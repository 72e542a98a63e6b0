#include "migration/large_text.hpp"

#include <algorithm>
#include <cstring>

#include "migration/way_back.hpp"

namespace headway::migration {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::size_t kLongestMarker = 64;

}  // namespace

/// False at the end.
bool PlainReader::refill() {
  const bool first = buffer_ == nullptr;
  if (first) buffer_ = std::make_unique<std::array<char, std::size_t{64} * 1024>>();
  begin_ = 0;
  end_ = file_->read(buffer_->data(), buffer_->size());
  if (!first) return end_ > 0;
  while (end_ > 0 && end_ < kBom.size()) {
    const std::size_t got = file_->read(buffer_->data() + end_, buffer_->size() - end_);
    if (got == 0) break;
    end_ += got;
  }
  if (std::string_view(buffer_->data(), end_).starts_with(kBom)) begin_ = kBom.size();
  return begin_ < end_ || (end_ > 0 && refill());
}

std::size_t PlainReader::read(char* to, std::size_t size) {
  std::size_t out = 0;
  while (out == 0) {
    if (begin_ == end_ && !refill()) {
      if (!std::exchange(carriage_return_, false)) return 0;
      to[out++] = '\r';
      break;
    }
    while (begin_ < end_ && out < size) {
      const char* const from = buffer_->data() + begin_;
      if (std::exchange(carriage_return_, false)) {
        if (*from != '\n') to[out++] = '\r';
        continue;
      }
      const std::size_t longest = std::min(end_ - begin_, size - out);
      const void* const found = std::memchr(from, '\r', longest);
      const std::size_t run =
          found == nullptr ? longest
                           : static_cast<std::size_t>(static_cast<const char*>(found) - from);
      std::memcpy(to + out, from, run);
      out += run;
      begin_ += run;
      if (found == nullptr) continue;
      carriage_return_ = true;
      ++begin_;
    }
  }
  const std::string_view text(to, out);
  hash_.update(text);
  look_at(text);
  return out;
}

void PlainReader::look_at(std::string_view text) {
  if (way_back_) return;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    if (line_begin_.size() < kLongestMarker) {
      line_begin_ += line.substr(0, kLongestMarker - line_begin_.size());
    }
    if (newline == std::string_view::npos) return;
    end_of_line();
    text.remove_prefix(newline + 1);
  }
}

void PlainReader::end_of_line() {
  if (!way_back_ && begins_way_back(line_begin_)) way_back_ = WayBack{line_begin_, line_};
  line_begin_.clear();
  ++line_;
}

Checksum PlainReader::finish() {
  std::array<char, std::size_t{16} * 1024> rest{};
  while (read(rest.data(), rest.size()) > 0) continue;
  return Checksum(to_hex(hash_.finish()));
}

std::string read_whole(const LargeText& text) {
  static constexpr std::size_t kPiece = std::size_t{1024} * 1024;
  PlainReader reader(text.open());
  std::string out;
  for (std::size_t got = kPiece; got > 0;) {
    const std::size_t size = out.size();
    if (out.capacity() < size + kPiece) out.reserve(size + std::max(kPiece, size / 2));
    out.resize(size + kPiece);
    got = reader.read(out.data() + size, kPiece);
    out.resize(size + got);
  }
  return out;
}

}  // namespace headway::migration
