#include "formats/checksums.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/crc.hpp>
#include <charconv>

#include "base/sha256.hpp"
#include "base/sha384.hpp"

namespace headway::formats {
namespace {

/// SipHash-1-3 (Aumasson, Bernstein) with a key of zeros, as Rust's SipHasher13::new() is.
class SipHash13 {
 public:
  void update(std::string_view bytes) {
    for (const char c : bytes) {
      tail_ |= std::uint64_t{static_cast<unsigned char>(c)} << (8U * (length_ % 8U));
      if (++length_ % 8U == 0) {
        compress(tail_);
        tail_ = 0;
      }
    }
  }
  [[nodiscard]] std::uint64_t finish() {
    compress(tail_ | (std::uint64_t{length_} << 56U));
    v_[2] ^= 0xffU;
    for (int i = 0; i < 3; ++i) round();
    return v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
  }

 private:
  void compress(std::uint64_t word) {
    v_[3] ^= word;
    round();
    v_[0] ^= word;
  }
  void round() {
    v_[0] += v_[1];
    v_[1] = std::rotl(v_[1], 13) ^ v_[0];
    v_[0] = std::rotl(v_[0], 32);
    v_[2] += v_[3];
    v_[3] = std::rotl(v_[3], 16) ^ v_[2];
    v_[0] += v_[3];
    v_[3] = std::rotl(v_[3], 21) ^ v_[0];
    v_[2] += v_[1];
    v_[1] = std::rotl(v_[1], 17) ^ v_[2];
    v_[2] = std::rotl(v_[2], 32);
  }

  std::array<std::uint64_t, 4> v_{0x736f6d6570736575U, 0x646f72616e646f6dU, 0x6c7967656e657261U,
                                  0x7465646279746573U};
  std::uint64_t tail_ = 0;
  std::size_t length_ = 0;
};

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) {
    out += static_cast<char>((value >> (8U * i)) & 0xffU);
  }
  return out;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

/// Whether it fits the text as it may have been when the tool read it: one copy at a time, a text
/// may be large.
template <typename Fits>
bool any_variant(std::string_view text, const Fits& fits_one) {
  static constexpr std::string_view kBom = "\xEF\xBB\xBF";
  if (fits_one(text)) return true;
  std::string other = with_crlf(text);
  if (fits_one(other)) return true;
  other.insert(0, kBom);
  if (fits_one(other)) return true;
  other.assign(kBom).append(text);
  return fits_one(other);
}

bool fits_refinery(const migration::Migration& migration, std::string_view text,
                   std::string_view stored) {
  const std::string& version = migration.version.text();
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  if (error != std::errc{} || end != version.data() + version.size()) return true;  // 1.5
  for (const bool wide : {false, true}) {
    if (std::to_string(refinery_checksum(migration.name, number, wide, text)) == stored) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::int32_t flyway_checksum(std::string_view text) {
  boost::crc_32_type crc;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    crc.process_bytes(text.data() + at, end - at);
    at = end + 1;
  }
  return static_cast<std::int32_t>(crc.checksum());
}

std::uint64_t refinery_checksum(std::string_view name, std::int64_t version, bool wide_version,
                                std::string_view text) {
  static constexpr std::string_view kEnd = "\xff";
  SipHash13 hash;
  hash.update(name);
  hash.update(kEnd);
  hash.update(little_endian(static_cast<std::uint64_t>(version), wide_version ? 8 : 4));
  hash.update(text);
  hash.update(kEnd);
  return hash.finish();
}

bool flyway_has_run(const migration::Repeatable& repeatable, std::string_view stored) {
  return std::to_string(flyway_checksum(repeatable.script.text)) == stored;
}

bool fits(Format format, const migration::Migration& migration, std::string_view stored) {
  const migration::Script& script = migration.up;
  if (stored.empty() || script.refusal) return true;
  const std::string_view text = script.original ? *script.original : script.text;
  switch (format) {
    case Format::Flyway:
      // Of a baseline there is none.
      return !migration.tool_checksum.empty() || std::to_string(flyway_checksum(text)) == stored;
    case Format::Sqlx:
      return any_variant(text,
                         [stored](std::string_view one) { return sha384_hex(one) == stored; });
    case Format::Prisma:
      // Very old rows are not padded with zeros.
      return any_variant(text, [stored](std::string_view one) {
        const std::string hex = to_hex(sha256(one));
        return hex == stored || std::string_view(hex).substr(hex.find_first_not_of('0')) == stored;
      });
    case Format::Refinery:
      return any_variant(
          text, [&](std::string_view one) { return fits_refinery(migration, one, stored); });
    case Format::Atlas: return migration.tool_checksum.empty() || migration.tool_checksum == stored;
    default: return true;
  }
}

}  // namespace headway::formats
