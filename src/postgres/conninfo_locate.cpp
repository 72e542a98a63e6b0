// The order of the places, and what only this machine can answer: files, the environment, the
// system's certificates, chance.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <random>
#include <span>
#include <system_error>

#include "base/error.hpp"
#include "postgres/conninfo.hpp"
#include "postgres/conninfo_layers.hpp"
#include "postgres/conninfo_parameters.hpp"
#include "postgres/endpoints.hpp"
#include "postgres/mounted_file.hpp"
#include "postgres/secret_directory.hpp"

namespace headway::postgres {
namespace {

constexpr const char* kUrlFile = "HEADWAY_DATABASE_URL_FILE";
constexpr const char* kDirectory = "--database-dir";
constexpr std::array kUrlVariables{"HIVE_DATABASE_URL", "DATABASE_URL"};
constexpr std::array kLibpqVariables{"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"};

const char* first_set(std::span<const char* const> variables, const Environment& env) {
  for (const char* variable : variables) {
    if (get_variable(env, variable)) return variable;
  }
  return nullptr;
}

ConnectionParameters read_place(const DatabasePlaces& places) {
  if (!places.url.empty()) return parse_database_url(places.url, places.url_source);
  if (!places.url_file.empty()) {
    return parse_database_url(read_url_file(places.url_file, kUrlFile), kUrlFile);
  }
  if (!places.directory.empty()) {
    return read_secret_directory(places.directory, kDirectory);
  }
  if (const char* variable = first_set(kUrlVariables, places.env)) {
    return parse_database_url(*get_variable(places.env, variable), variable);
  }
  require_database(places);
  ConnectionParameters out;
  out.source = first_set(kLibpqVariables, places.env);
  return out;
}

void erase(ConnectionParameters& parameters, std::string_view keyword) {
  std::erase_if(parameters.keywords, [keyword](const auto& pair) { return pair.first == keyword; });
}

void replace(ConnectionParameters& parameters, std::string_view keyword, const std::string& value) {
  for (auto& pair : parameters.keywords) {
    if (pair.first == keyword) pair.second = value;
  }
}

void find_system_roots(ConnectionParameters& parameters, const Environment& env) {
  check_system_roots(parameters);
  const std::string* root = parameters.find("sslrootcert");
  if (root == nullptr || *root != "system") return;
  std::vector<std::string> bundles{"/etc/ssl/certs/ca-certificates.crt",
                                   "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
  if (const auto given = get_variable(env, "SSL_CERT_FILE"))
    bundles.insert(bundles.begin(), *given);
  const auto found = std::find_if(bundles.begin(), bundles.end(), [](const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
  });
  if (found == bundles.end()) {
    throw Error(ErrorId::BadDatabaseUrl,
                fmt::format("{}: sslrootcert=system, but there is no bundle of certificates at {}",
                            parameters.source, fmt::join(bundles, ", ")))
        .next("Mount one and name it in SSL_CERT_FILE, or write sslrootcert=FILE.");
  }
  replace(parameters, "sslrootcert", *found);
}

// Hosts, addresses and ports are lists that belong together.
void shuffle_hosts(ConnectionParameters& parameters) {
  const std::string* balance = parameters.find("load_balance_hosts");
  const bool random = balance != nullptr && *balance == "random";
  erase(parameters, "load_balance_hosts");
  const std::string* longest = parameters.find("hostaddr");
  if (longest == nullptr) longest = parameters.find("host");
  if (!random || longest == nullptr) return;
  std::vector<std::size_t> order(split_list(*longest).size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::random_device());
  for (const char* keyword : {"host", "hostaddr", "port"}) {
    const std::string* list = parameters.find(keyword);
    if (list == nullptr) continue;
    const std::vector<std::string> old = split_list(*list);
    if (old.size() != order.size()) continue;  // one port for all
    std::vector<std::string> shuffled;
    for (const std::size_t index : order) shuffled.push_back(old[index]);
    replace(parameters, keyword, fmt::format("{}", fmt::join(shuffled, ",")));
  }
}

// libpq would ask the operating system for a user name, and a container has none worth having.
void require_user(const ConnectionParameters& parameters, const DatabasePlaces& places) {
  if (parameters.find("user") != nullptr) return;
  // A projected volume joins several Secrets and ConfigMaps, and some come later.
  if (parameters.source == kDirectory) {
    still_waiting(kDirectory, places.directory, "without a key that names a user");
  }
  throw Error(ErrorId::NoUser,
              fmt::format("{} names no user, and neither does PGUSER", parameters.source));
}

// A Secret of user and password alone: without a host it would be the socket of this container.
void require_host(const ConnectionParameters& parameters) {
  if (parameters.find("host") != nullptr || parameters.find("hostaddr") != nullptr) return;
  throw Error(
      ErrorId::NoDatabase,
      fmt::format("{}: the directory names no host, and neither does PGHOST", parameters.source))
      .next("Set PGHOST (and PGDATABASE) next to the Secret, or give it a key host or uri.");
}

// sslcertmode=disable, which libpq does not know yet.
void settle_client_certificate(ConnectionParameters& parameters) {
  if (parameters.find("sslcertmode") == nullptr) return;
  for (const char* keyword : {"sslcertmode", "sslcert", "sslkey"}) erase(parameters, keyword);
}

// A mounted authority is there to be checked against.
void default_ssl_mode(ConnectionParameters& parameters) {
  if (parameters.find("sslrootcert") != nullptr && parameters.find("sslmode") == nullptr) {
    parameters.keywords.emplace_back("sslmode", "verify-full");
  }
}

// libpq's own place for an authority's certificate.
bool has_default_root(const Environment& env) {
  const auto home = get_variable(env, "HOME");
  std::error_code ignored;
  return home && std::filesystem::exists(*home + "/.postgresql/root.crt", ignored);
}

}  // namespace

void require_database(const DatabasePlaces& places) {
  if (!places.url.empty() || !places.url_file.empty() || !places.directory.empty() ||
      first_set(kUrlVariables, places.env) != nullptr ||
      first_set(kLibpqVariables, places.env) != nullptr) {
    return;
  }
  throw Error(ErrorId::NoDatabase,
              fmt::format("no database is named; looked at --database-url, HEADWAY_DATABASE_URL, "
                          "{}, {} (HEADWAY_DATABASE_DIR), {} and {}",
                          kUrlFile, kDirectory, fmt::join(kUrlVariables, ", "),
                          fmt::join(kLibpqVariables, ", ")));
}

ConnectionParameters locate(const DatabasePlaces& places) {
  ConnectionParameters out = read_place(places);
  const bool in_directory = out.source == kDirectory;
  merge(out, read_service(out, places.env));
  erase(out, "service");
  erase(out, "servicefile");
  merge(out, read_environment(places.env));
  require_user(out, places);
  if (in_directory) {
    require_host(out);
    add_certificates(out, places.directory);
    default_ssl_mode(out);
  }
  settle_client_certificate(out);
  find_system_roots(out, places.env);
  shuffle_hosts(out);
  out.unverified = unverified_text(out, has_default_root(places.env));
  return out;
}

}  // namespace headway::postgres
