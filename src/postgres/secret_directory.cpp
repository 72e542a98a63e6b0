#include "postgres/secret_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "postgres/conninfo_layers.hpp"
#include "postgres/conninfo_parameters.hpp"

namespace headway::postgres {
namespace {

// In the order of preference.  JDBC's come last: a driver's own words lose in translation.
constexpr std::array kUrlKeys{"uri", "fqdn-uri", "DATABASE_URL", "database_url",
                              "url", "jdbc-uri", "fqdn-jdbc-uri"};

struct Key {
  const char* file;
  const char* keyword;
};
constexpr std::array kKeys{
    Key{"host", "host"},         Key{"hostname", "host"},       Key{"PGHOST", "host"},
    Key{"port", "port"},         Key{"PGPORT", "port"},         Key{"dbname", "dbname"},
    Key{"database", "dbname"},   Key{"db", "dbname"},           Key{"PGDATABASE", "dbname"},
    Key{"username", "user"},     Key{"user", "user"},           Key{"PGUSER", "user"},
    Key{"password", "password"}, Key{"PGPASSWORD", "password"}, Key{"sslmode", "sslmode"},
    Key{"PGSSLMODE", "sslmode"},
};

[[noreturn]] void refuse_unreadable(const std::string& path, const std::string& why) {
  throw Error(ErrorId::BadConfiguration, fmt::format("cannot read {}: {}", path, why))
      .next("Check that the container's user may read the mounted Secret (defaultMode, fsGroup).");
}

[[noreturn]] void still_waiting(const std::string& source, const std::string& path,
                                std::string_view state) {
  throw Error(ErrorId::Unreachable,
              fmt::format("{}: waiting for the Secret at {}: it is {}", source, path, state))
      .next("Create the Secret, or check the name under which it is mounted.");
}

/// Nothing if there is no such file; without line ends at its end.
std::optional<std::string> read_key(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    refuse_unreadable(path, std::strerror(errno));
  }
  std::string text;
  try {
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  } catch (const std::ios_base::failure&) {
    refuse_unreadable(path, "it is not a plain file");
  }
  if (text.find('\0') != std::string::npos) {
    throw Error(
        ErrorId::BadConfiguration,
        fmt::format("{} holds a NUL byte, which no parameter of a connection can", path.string()))
        .next("Write it as plain text; a file that was saved as UTF-16 is full of them.");
  }
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::vector<std::string> list_keys(const std::string& directory, const std::string& source) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) still_waiting(source, directory, "missing");
  if (error) refuse_unreadable(directory, error.message());
  std::vector<std::string> out;
  for (const auto& entry : entries) {
    std::string name = entry.path().filename();
    if (!name.starts_with('.')) out.push_back(std::move(name));  // ..data is the kubelet's
  }
  std::sort(out.begin(), out.end());
  return out;
}

// host:port:database:user:password, a backslash before ':' and '\' that mean themselves.
void add_pgpass(ConnectionParameters& parameters, std::string_view text) {
  static constexpr std::array kFields{"host", "port", "dbname", "user", "password"};
  std::array<std::string, kFields.size()> values;
  std::size_t field = 0;
  for (std::size_t i = 0; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == ':' && field + 1 < values.size()) {
      ++field;
      continue;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    values.at(field) += text[i];
  }
  if (field + 1 != values.size()) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values.at(i).empty() && values.at(i) != "*" && parameters.find(kFields.at(i)) == nullptr) {
      parameters.keywords.emplace_back(kFields.at(i), values.at(i));
    }
  }
}

class SecretDirectory {
 public:
  SecretDirectory(const std::string& directory, const std::string& source, User user)
      : directory_(directory), source_(source), user_(user) {}

  ConnectionParameters read() {
    const std::vector<std::string> names = list_keys(directory_.string(), source_);
    if (names.empty()) still_waiting(source_, directory_.string(), "empty");
    out_.source = source_;
    read_url();
    read_keys();
    if (const auto pgpass = value("pgpass")) add_pgpass(out_, *pgpass);
    if (!known_) refuse_or_wait(names);
    add_certificates();
    return std::move(out_);
  }

 private:
  std::optional<std::string> value(const char* name) {
    auto text = read_key(directory_ / name);
    if (text && text->empty()) text.reset();
    known_ = known_ || text.has_value();
    return text;
  }

  [[nodiscard]] std::string source_of(const char* name) const {
    return (directory_ / name).string();
  }

  void refuse_or_wait(const std::vector<std::string>& names) const {
    if (exists("ca.crt") || exists("tls.crt")) {
      if (user_ == User::GivenElsewhere) return;
      still_waiting(source_, directory_.string(), "without the keys that name a user");
    }
    throw Error(ErrorId::BadConfiguration,
                fmt::format("{}: the directory {} holds none of the keys that tell where a "
                            "database is, only {}",
                            source_, directory_.string(), fmt::join(names, ", ")))
        .next("Give the Secret a key uri, or host, username, password and dbname.");
  }

  void read_url() {
    for (const char* key : kUrlKeys) {
      const auto text = value(key);
      if (!text) continue;
      out_ = parse_database_url(*text, source_of(key));
      out_.source = source_;
      // CloudNativePG's superuser Secret: any database.
      std::erase(out_.keywords, std::pair<std::string, std::string>("dbname", "*"));
      return;
    }
  }

  void read_keys() {
    for (const Key& key : kKeys) {
      const auto text = value(key.file);
      if (!text || (*text == "*" && std::string_view(key.keyword) == "dbname")) continue;
      ParameterTranslator translator(source_of(key.file), Dialect::Libpq);
      translator.add({key.keyword, *text});
      merge(out_, std::move(translator).finish());
    }
  }

  void add_certificates() {
    add_file("ca.crt", "sslrootcert");
    if (exists("tls.crt") && exists("tls.key")) {
      add_file("tls.crt", "sslcert");
      add_file("tls.key", "sslkey");
    }
  }

  [[nodiscard]] bool exists(const char* name) const {
    std::error_code ignored;
    return std::filesystem::exists(directory_ / name, ignored);
  }

  void add_file(const char* name, const char* keyword) {
    if (!exists(name) || out_.find(keyword) != nullptr) return;
    out_.keywords.emplace_back(keyword, (directory_ / name).string());
  }

  std::filesystem::path directory_;
  std::string source_;
  User user_;
  ConnectionParameters out_;
  bool known_ = false;
};

}  // namespace

ConnectionParameters read_secret_directory(const std::string& directory, const std::string& source,
                                           User user) {
  return SecretDirectory(directory, source, user).read();
}

std::string read_url_file(const std::string& path, const std::string& source) {
  const auto text = read_key(path);
  if (!text) still_waiting(source, path, "missing");
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) still_waiting(source, path, "empty");
  return *text;
}

}  // namespace headway::postgres
