// Base64 (RFC 4648), encoding only.
#pragma once
#include <string>
#include <string_view>

namespace headway {

/// The standard alphabet, padded: HTTP Basic authentication.
[[nodiscard]] std::string base64(std::string_view bytes);
/// The alphabet for URLs and file names, without padding.
[[nodiscard]] std::string base64_url(std::string_view bytes);

}  // namespace headway
