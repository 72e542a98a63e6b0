#include "migration/checksum.hpp"

#include "base/sha256.hpp"

namespace headway::migration {

Checksum checksum_of(std::string_view file_text) {
  static constexpr std::string_view kBom = "\xEF\xBB\xBF";
  if (file_text.starts_with(kBom)) file_text.remove_prefix(kBom.size());
  Sha256 hash;
  while (!file_text.empty()) {
    const std::size_t end = file_text.find("\r\n");
    if (end == std::string_view::npos) break;
    hash.update(file_text.substr(0, end));
    file_text.remove_prefix(end + 1);  // the LF stays
  }
  hash.update(file_text);
  return Checksum(to_hex(hash.finish()));
}

}  // namespace headway::migration
