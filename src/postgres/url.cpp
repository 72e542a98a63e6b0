#include "postgres/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace headway::postgres {
namespace {

constexpr std::string_view kEncode =
    "in a user name or password, write / as %2F, ? as %3F, @ as %40, : as %3A and % as %25";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Without a ':' behind it, a name with other characters may well be a name and a password.
bool is_plain_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || std::string_view("-._~$%").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

class UrlParser {
 public:
  UrlParser(std::string_view text, std::string_view source) : rest_(text), source_(source) {}

  Url parse() {
    parse_scheme();
    const std::size_t end = std::min(rest_.find_first_of("/?"), rest_.size());
    const std::string_view authority = rest_.substr(0, end);
    std::string_view path = rest_.substr(end);
    std::string_view query;
    if (const auto mark = path.find('?'); mark != std::string_view::npos) {
      query = path.substr(mark + 1);
      path = path.substr(0, mark);
    }
    if (path.find('@') != std::string_view::npos) {
      refuse(fmt::format("there is an '@' behind the first '/': {}", kEncode));
    }
    if (path.find_first_of("=&") != std::string_view::npos) {
      refuse(
          "there is a '=' or '&' in the database name: the '?' before the parameters is missing");
    }
    parse_authority(authority);
    if (!path.empty()) out_.database = decode(path.substr(1), "the database name", false);
    parse_query(query);
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const { refuse_url(source_, what); }

  void parse_scheme() {
    if (lower(rest_.substr(0, 5)) == "jdbc:") {
      out_.dialect = Dialect::Jdbc;
      rest_.remove_prefix(5);
    }
    const auto colon = std::min(rest_.find(':'), rest_.size());
    const std::string scheme = lower(rest_.substr(0, colon));
    const auto plus = std::min(scheme.find('+'), scheme.size());
    const std::string_view family = std::string_view(scheme).substr(0, plus);
    if (family != "postgresql" && family != "postgres") refuse_scheme(family);
    if (plus != scheme.size() && out_.dialect == Dialect::Libpq) out_.dialect = Dialect::Driver;
    rest_.remove_prefix(std::min(colon + 1, rest_.size()));
    if (rest_.starts_with("//")) {
      rest_.remove_prefix(2);
    } else if (out_.dialect != Dialect::Jdbc) {
      refuse("after the scheme there must stand ://");
    } else if (rest_.find(':') != std::string_view::npos) {
      refuse("after jdbc:postgresql: there must stand //");
    } else if (!rest_.starts_with("/")) {
      jdbc_database_ = "/" + std::string(rest_);  // jdbc:postgresql:database
      rest_ = jdbc_database_;
    }
  }

  // Only a scheme that is known as one may be shown: the text may begin with anything.
  [[noreturn]] void refuse_scheme(std::string_view scheme) const {
    static constexpr std::array kForeign{"mysql",  "mariadb", "sqlite",    "sqlite3", "mssql",
                                         "oracle", "mongodb", "sqlserver", "redis",   "file",
                                         "http",   "https",   "clickhouse"};
    if (std::find(kForeign.begin(), kForeign.end(), scheme) != kForeign.end()) {
      refuse(fmt::format("{}:// is not a PostgreSQL URL", scheme));
    }
    refuse(
        "it does not begin with postgresql://, postgres://, postgresql+<driver>:// or "
        "jdbc:postgresql://");
  }

  void parse_authority(std::string_view authority) {
    // The last one: a password may hold others.
    const auto at = authority.rfind('@');
    if (at != std::string_view::npos) {
      const std::string_view userinfo = authority.substr(0, at);
      const auto colon = userinfo.find(':');
      const std::string user = decode(userinfo.substr(0, colon), "the user name", false);
      if (!user.empty()) out_.user = user;
      if (colon == std::string_view::npos && !is_plain_name(userinfo)) {
        refuse(fmt::format("there is no ':' between user name and password; {}", kEncode));
      }
      if (colon != std::string_view::npos) {
        out_.password = decode(userinfo.substr(colon + 1), "the password", false);
      }
      authority.remove_prefix(at + 1);
    }
    if (authority.empty()) return;
    for (;;) {
      const auto comma = authority.find(',');
      parse_host(authority.substr(0, comma));
      if (comma == std::string_view::npos) return;
      authority.remove_prefix(comma + 1);
    }
  }

  void parse_host(std::string_view text) {
    const std::string place = fmt::format("host {}", out_.hosts.size() + 1);
    Url::Host host;
    std::string_view port;
    if (text.starts_with('[')) {
      const auto bracket = text.find(']');
      if (bracket == std::string_view::npos) refuse(place + " lacks its closing ]");
      host.name = decode(text.substr(1, bracket - 1), place, false);
      text.remove_prefix(bracket + 1);
      if (!text.empty() && text[0] != ':') refuse("something stands behind the ] of " + place);
      if (host.name.find_first_not_of("0123456789abcdefABCDEF:.") < host.name.find('%')) {
        refuse(place + " is not an IPv6 address");
      }
      port = text.empty() ? text : text.substr(1);
    } else {
      const auto colon = text.find(':');
      host.name = decode(text.substr(0, colon), place, false);
      if (colon != std::string_view::npos) port = text.substr(colon + 1);
      check_host_name(host.name, place);
    }
    check_port(port, place);
    host.port = port;
    out_.hosts.push_back(std::move(host));
  }

  void check_host_name(const std::string& name, const std::string& place) const {
    if (name.starts_with('/') || name.starts_with('@')) return;  // a socket
    const bool good = std::all_of(name.begin(), name.end(), [](char c) {
      return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == ':' ||
             static_cast<unsigned char>(c) >= 0x80;
    });
    if (!good)
      refuse(fmt::format("{} holds a character that no host name has; {}", place, kEncode));
  }

  void check_port(std::string_view port, const std::string& place) const {
    if (port.empty()) return;
    const bool digits =
        port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
    const int number = digits ? std::stoi(std::string(port)) : 0;
    if (number < 1 || number > 65535) {
      refuse(
          fmt::format("what stands behind the ':' of {} is not a port number; {}", place, kEncode));
    }
  }

  void parse_query(std::string_view query) {
    const bool doubtful = query.find('@') != std::string_view::npos;
    const bool plus_is_space = out_.dialect != Dialect::Libpq;
    for (int number = 1; !query.empty(); ++number) {
      const auto end = std::min(query.find('&'), query.size());
      const std::string_view pair = query.substr(0, end);
      query.remove_prefix(std::min(end + 1, query.size()));
      if (pair.empty()) continue;
      const std::string place = fmt::format("parameter {}", number);
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos && out_.dialect != Dialect::Jdbc) {
        refuse(fmt::format("{} lacks its '='; {}", place, kEncode));
      }
      Parameter parameter;
      parameter.name = decode(pair.substr(0, equals), place, plus_is_space);
      if (equals != std::string_view::npos) {
        parameter.bare_equals = pair.find('=', equals + 1) != std::string_view::npos;
        parameter.value = decode(pair.substr(equals + 1), place, plus_is_space);
      }
      parameter.nameable = !doubtful;
      out_.parameters.push_back(std::move(parameter));
    }
  }

  [[nodiscard]] std::string decode(std::string_view text, std::string_view place,
                                   bool plus_is_space) const {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      char c = text[i];
      if (c == '%') {
        const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
          refuse(fmt::format(
              "a '%' in {} is not followed by two hexadecimal digits; write % as %25", place));
        }
        c = static_cast<char>(high * 16 + low);
        i += 2;
        if (c == '\0') refuse(fmt::format("{} holds %00, which PostgreSQL can't take", place));
      } else if (is_control(c)) {
        refuse(fmt::format("{} holds a control character", place));
      } else if (c == '+' && plus_is_space) {
        c = ' ';
      }
      out += c;
    }
    return out;
  }

  std::string_view rest_;
  std::string_view source_;
  std::string jdbc_database_;
  Url out_;
};

}  // namespace

bool looks_like_url(std::string_view text) {
  const std::string begin = lower(text.substr(0, 16));
  return begin.starts_with("jdbc:") || begin.starts_with("postgres:") ||
         begin.starts_with("postgresql:") || text.find("://") < text.find('=') ||
         text.find('=') == std::string_view::npos;
}

Url parse_url(std::string_view text, std::string_view source) {
  return UrlParser(text, source).parse();
}

}  // namespace headway::postgres
