// Whatever stands where a database URL should: it is refused with a BadDatabaseUrl, or what is
// understood of it survives the way to libpq.  A password is shown in neither case, however it is
// mangled.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "fuzz/require.hpp"
#include "postgres/conninfo.hpp"

namespace {

using headway::postgres::ConnectionParameters;
using headway::postgres::parse_database_url;
using headway::testing::require;

constexpr std::string_view kSecret = "Tr0ub4dor";

/// All that may be shown of the URL.
std::string shown_of(std::string_view url) {
  try {
    const ConnectionParameters parameters = parse_database_url(url, "THERE");
    std::string shown = parameters.description();
    for (const std::string& warning : parameters.warnings) shown += "\n" + warning;
    return shown;
  } catch (const headway::Error& error) {
    const headway::ErrorInfo& info = error.info();
    require(info.id == headway::ErrorId::BadDatabaseUrl, "a URL is refused as one");
    require(info.message.starts_with("THERE: "), "a refusal says where the URL was found");
    return info.message + "\n" + info.next;
  }
}

void check_way_to_libpq(std::string_view url) {
  ConnectionParameters parameters;
  try {
    parameters = parse_database_url(url, "THERE");
  } catch (const headway::Error&) {
    return;
  }
  std::vector<std::string> seen;
  for (const auto& [keyword, value] : parameters.keywords) {
    require(!keyword.empty() && !value.empty(), "what is not set is left out");
    require(value.find('\0') == std::string::npos, "libpq's values hold no NUL");
    require(std::find(seen.begin(), seen.end(), keyword) == seen.end(), "a keyword comes once");
    seen.push_back(keyword);
  }
  // What libpq reads is what was meant.
  const ConnectionParameters again =
      parse_database_url(headway::postgres::libpq_string(parameters.keywords), "AGAIN");
  require(std::is_permutation(parameters.keywords.begin(), parameters.keywords.end(),
                              again.keywords.begin(), again.keywords.end()),
          "libpq's form holds every value as it is");
}

/// In a password of which `before` and `behind` are the other parts.
void check_secrecy(std::string before, std::string behind) {
  // A '?' may begin the parameters, and then the rest is no password.
  std::erase(before, '?');
  std::erase(behind, '?');
  for (const std::string_view scheme : {"postgresql://u:", "postgresql+psycopg://u:"}) {
    const std::string url = std::string(scheme) + before + std::string(kSecret) + behind + "@h/d";
    require(shown_of(url).find(kSecret) == std::string::npos, "no password is shown");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  (void)shown_of(input);
  check_way_to_libpq(input);
  check_secrecy(input.substr(0, size / 2), input.substr(size / 2));
  return 0;
}
