#include "postgres/secret_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "postgres/conninfo_layers.hpp"
#include "postgres/conninfo_parameters.hpp"
#include "postgres/mounted_file.hpp"

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
    Key{"host", "host"},
    Key{"hostname", "host"},
    Key{"PGHOST", "host"},
    Key{"port", "port"},
    Key{"PGPORT", "port"},
    Key{"dbname", "dbname"},
    Key{"database", "dbname"},
    Key{"db", "dbname"},
    Key{"PGDATABASE", "dbname"},
    Key{"username", "user"},
    Key{"user", "user"},
    Key{"PGUSER", "user"},
    Key{"password", "password"},
    Key{"PGPASSWORD", "password"},
    Key{"sslmode", "sslmode"},
    Key{"PGSSLMODE", "sslmode"},
    Key{"sslpassword", "sslpassword"},
};

// How often a mount may change while it is read.
constexpr int kReadings = 10;

/// Nothing if there is no such file; without line ends at its end.
std::optional<std::string> read_key(const std::filesystem::path& path) {
  auto text = read_mounted(path);
  if (!text) return std::nullopt;
  if (text->find('\0') != std::string::npos) {
    throw Error(
        ErrorId::BadConfiguration,
        fmt::format("{} holds a NUL byte, which no parameter of a connection can", path.string()))
        .next("Write it as plain text; a file that was saved as UTF-16 is full of them.");
  }
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
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

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
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
  SecretDirectory(const std::string& directory, const std::string& source)
      : directory_(directory), source_(source) {}

  ConnectionParameters read() {
    const std::vector<std::string> names = list_keys(directory_.string(), source_);
    if (names.empty()) still_waiting(source_, directory_.string(), "empty");
    out_.source = source_;
    read_url();
    read_keys();
    if (const auto pgpass = value("pgpass")) add_pgpass(out_, *pgpass);
    if (!known_) refuse_or_wait(names);
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
    if (holds(names, "ca.crt") || holds(names, "tls.crt")) return;
    const auto is_known = [&](const auto& key) { return holds(names, key.file); };
    if (std::any_of(kKeys.begin(), kKeys.end(), is_known)) {
      still_waiting(source_, directory_.string(), "without a value");
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

  std::filesystem::path directory_;
  std::string source_;
  ConnectionParameters out_;
  bool known_ = false;
};

// The kubelet writes all files anew beside the old ones and turns this link over: keys of two
// generations don't belong together, and where one had gone missing in between, it might be the
// authority to check against.
std::filesystem::path generation(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::read_symlink(std::filesystem::path(directory) / "..data", ignored);
}

}  // namespace

ConnectionParameters read_secret_directory(const std::string& directory,
                                           const std::string& source) {
  for (int left = kReadings;; --left) {
    const auto before = generation(directory);
    std::exception_ptr failure;
    ConnectionParameters out;
    try {
      out = SecretDirectory(directory, source).read();
    } catch (const Error&) {
      failure = std::current_exception();
    }
    if (generation(directory) == before) {
      if (failure) std::rethrow_exception(failure);
      return out;
    }
    if (left == 0) still_waiting(source, directory, "replaced again and again while it is read");
  }
}

void add_certificates(ConnectionParameters& parameters, const std::string& directory) {
  const std::vector<std::string> names = list_keys(directory, parameters.source);
  const auto add = [&](const char* name, const char* keyword) {
    parameters.keywords.emplace_back(keyword, (std::filesystem::path(directory) / name).string());
  };
  if (holds(names, "ca.crt") && parameters.find("sslrootcert") == nullptr) {
    add("ca.crt", "sslrootcert");
  }
  if (holds(names, "tls.crt") && holds(names, "tls.key") && parameters.find("sslcert") == nullptr &&
      parameters.find("sslkey") == nullptr) {
    add("tls.crt", "sslcert");
    add("tls.key", "sslkey");
  }
}

std::string read_url_file(const std::string& path, const std::string& source) {
  const auto text = read_key(path);
  if (!text) still_waiting(source, path, "missing");
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) still_waiting(source, path, "empty");
  return *text;
}

}  // namespace headway::postgres
