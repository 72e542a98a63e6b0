// From the parameters that people write, in the words of libpq, JDBC, Prisma, SQLAlchemy and their
// kin, to what libpq 15 knows.  Each is passed on, translated, ignored with a warning, or refused
// by name; none is guessed.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/conninfo.hpp"

namespace headway::postgres {

/// Throws Error BadDatabaseUrl.  Neither argument may hold what could be a part of a password.
[[noreturn]] void refuse_url(std::string_view source, std::string_view what);

struct Parameter {
  std::string name;
  std::string value;
  /// Whether an error may show the name: what looks like one may be a part of a password that
  /// was not encoded.
  bool nameable = true;
  /// Whether the value holds a '=' that is neither quoted nor encoded: a separator is missing.
  bool bare_equals = false;
};

/// Whose dialect a word like `ssl` is.
enum class Dialect { Libpq, Driver, Jdbc };

class ParameterTranslator {
 public:
  ParameterTranslator(std::string_view source, Dialect dialect);

  /// Throws Error BadDatabaseUrl.  As in libpq, a later value wins.
  void add(const Parameter& parameter);
  /// The URL's own parts, which need no translation.
  void set(std::string_view keyword, std::string value);
  [[nodiscard]] ConnectionParameters finish() &&;

 private:
  struct Rule;
  static const Rule* find_rule(std::string_view name);
  void apply(const Rule& rule, std::string_view shown, const std::string& value);
  void apply_special(const Rule& rule, std::string_view shown, const std::string& value);
  void unknown(const Parameter& parameter) const;
  void warn_ignored(std::string_view shown, std::string_view why = {});
  void add_host(const std::string& value);
  void add_options(std::string_view shown, const std::string& value);
  void add_path(const std::string& value);
  void translate_ssl();
  void translate_prisma();
  [[nodiscard]] bool has(std::string_view keyword) const;

  ConnectionParameters out_;
  Dialect dialect_;
  int count_ = 0;
  bool after_secret_ = false;  // an unknown name may be the rest of a password
  bool host_given_ = false;
  std::optional<std::string> ssl_;
  std::optional<std::string> sslaccept_;
  bool sslcert_disabled_ = false;
};

/// "a, \"B\"" to its names.
[[nodiscard]] std::vector<std::string> split_search_path(std::string_view list);

/// sslrootcert=system without a word about sslmode means verify-full; a weaker one is refused, as
/// libpq 16 does.
void check_system_roots(ConnectionParameters& parameters);

}  // namespace headway::postgres
