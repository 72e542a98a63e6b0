// SHA-384 (FIPS 180-4) through OpenSSL's libcrypto.
#pragma once
#include <string>
#include <string_view>

namespace headway {

/// Lower-case hexadecimal, 96 characters.
[[nodiscard]] std::string sha384_hex(std::string_view bytes);

}  // namespace headway
