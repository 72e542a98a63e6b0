#include "postgres/conninfo_parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/error.hpp"
#include "postgres/conninfo_options.hpp"

namespace headway::postgres {
namespace {

enum class Action {
  Pass,      // to libpq as it is
  Integer,   // the same, checked
  OneOf,     // the same; `argument`: the values
  Rename,    // `argument`: libpq's word
  Drop,      // it says what is so anyway
  DropOnly,  // `argument`: the values that say what is so anyway; refused otherwise
  Ignore,    // with a warning; `argument`: why
  Refuse,    // `argument`: why
  Setting,   // `argument`: the setting of the session
  Special,
};

constexpr std::string_view kSslModes = "disable|allow|prefer|require|verify-ca|verify-full";
constexpr std::string_view kSessionAttributes =
    "any|read-write|read-only|primary|standby|prefer-standby";
constexpr std::string_view kOnOff = "disable|prefer|require";
constexpr std::string_view kTls = "TLSv1|TLSv1.1|TLSv1.2|TLSv1.3";

/// What a description shows.
constexpr std::string_view kShown = "user|host|hostaddr|port|dbname|service";

constexpr std::string_view kNeedsNewer = "the libpq that Headway is built with can't enforce it";
constexpr std::string_view kOtherLogin = "Headway logs in by password or client certificate";
constexpr std::string_view kOwnName = "Headway gives its own name";
constexpr std::string_view kUtf8 = "Headway speaks UTF8";
constexpr std::string_view kTimeouts = "see --statement-timeout and --lock-timeout";

bool is_one_of(std::string_view value, std::string_view list) {
  while (!list.empty()) {
    const auto bar = std::min(list.find('|'), list.size());
    if (list.substr(0, bar) == value) return true;
    list.remove_prefix(std::min(bar + 1, list.size()));
  }
  return false;
}

bool is_integer(std::string_view value) {
  if (value.starts_with('-')) value.remove_prefix(1);
  return !value.empty() && value.size() <= 9 &&
         value.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_true(std::string_view value) {
  return is_one_of(value, "true|1|on|yes|t") || value.empty();  // JDBC: a bare ?ssl
}

bool is_false(std::string_view value) { return is_one_of(value, "false|0|off|no|f"); }

bool is_word(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

}  // namespace

struct ParameterTranslator::Rule {
  std::string_view name;
  Action action;
  std::string_view argument = {};
};

const ParameterTranslator::Rule* ParameterTranslator::find_rule(std::string_view name) {
  using enum Action;
  static constexpr std::array kRules{
      // libpq 15.
      Rule{"service", Pass},
      Rule{"user", Pass},
      Rule{"password", Pass},
      Rule{"passfile", Pass},
      Rule{"channel_binding", OneOf, kOnOff},
      Rule{"connect_timeout", Integer},
      Rule{"dbname", Pass},
      Rule{"host", Special},
      Rule{"hostaddr", Pass},
      Rule{"port", Pass},
      Rule{"client_encoding", Special},
      Rule{"options", Special},
      Rule{"application_name", Ignore, kOwnName},
      Rule{"fallback_application_name", Ignore, kOwnName},
      Rule{"keepalives", Integer},
      Rule{"keepalives_idle", Integer},
      Rule{"keepalives_interval", Integer},
      Rule{"keepalives_count", Integer},
      Rule{"tcp_user_timeout", Integer},
      Rule{"sslmode", Special},
      Rule{"sslcompression", OneOf, "0|1"},
      Rule{"sslcert", Pass},
      Rule{"sslkey", Pass},
      Rule{"sslpassword", Pass},
      Rule{"sslrootcert", Pass},
      Rule{"sslcrl", Pass},
      Rule{"sslcrldir", Pass},
      Rule{"sslsni", OneOf, "0|1"},
      Rule{"requirepeer", Pass},
      Rule{"ssl_min_protocol_version", OneOf, kTls},
      Rule{"ssl_max_protocol_version", OneOf, kTls},
      Rule{"gssencmode", OneOf, kOnOff},
      Rule{"krbsrvname", Pass},
      Rule{"gsslib", Pass},
      Rule{"target_session_attrs", OneOf, kSessionAttributes},
      Rule{"replication", DropOnly, "false|off|no|0"},
      Rule{"tty", Drop},
      Rule{"authtype", Drop},
      // libpq 16 to 18.
      Rule{"load_balance_hosts", OneOf, "disable|random"},
      Rule{"sslcertmode", Special},
      Rule{"servicefile", Pass},
      Rule{"sslnegotiation", DropOnly, "postgres"},
      Rule{"gssdelegation", DropOnly, "0"},
      Rule{"min_protocol_version", DropOnly, "3.0"},
      Rule{"max_protocol_version", DropOnly, "3.0|3.2|latest"},
      Rule{"require_auth", Refuse, kNeedsNewer},
      Rule{"scram_client_key", Refuse, kOtherLogin},
      Rule{"scram_server_key", Refuse, kOtherLogin},
      Rule{"sslkeylogfile", Refuse, "it would write the keys of the connection to a file"},
      Rule{"oauth_issuer", Refuse, kOtherLogin},
      Rule{"oauth_client_id", Refuse, kOtherLogin},
      Rule{"oauth_client_secret", Refuse, kOtherLogin},
      Rule{"oauth_scope", Refuse, kOtherLogin},
      // What several drivers share.
      Rule{"ssl", Special},
      Rule{"schema", Special},
      Rule{"search_path", Special},
      Rule{"currentSchema", Special},
      Rule{"timezone", Setting, "timezone"},
      Rule{"TimeZone", Setting, "timezone"},
      Rule{"datestyle", Setting, "datestyle"},
      Rule{"DateStyle", Setting, "datestyle"},
      Rule{"statement_timeout", Ignore, kTimeouts},
      Rule{"lock_timeout", Ignore, kTimeouts},
      Rule{"encoding", Ignore, kUtf8},
      Rule{"charset", Ignore, kUtf8},
      Rule{"timeout", Ignore, "write connect_timeout"},
      // JDBC.
      Rule{"loginTimeout", Rename, "connect_timeout"},
      Rule{"connectTimeout", Rename, "connect_timeout"},
      Rule{"targetServerType", Special},
      Rule{"loadBalanceHosts", Special},
      Rule{"tcpKeepAlive", Special},
      Rule{"channelBinding", Rename, "channel_binding"},
      Rule{"gssEncMode", Special},
      Rule{"kerberosServerName", Rename, "krbsrvname"},
      Rule{"requireAuth", Refuse, kNeedsNewer},
      Rule{"sslNegotiation", DropOnly, "postgres"},
      Rule{"ApplicationName", Ignore, kOwnName},
      Rule{"charSet", Ignore, kUtf8},
      Rule{"PGDBNAME", Rename, "dbname"},
      Rule{"PGHOST", Rename, "host"},
      Rule{"PGPORT", Rename, "port"},
      Rule{"socketTimeout", Ignore},
      Rule{"cancelSignalTimeout", Ignore},
      Rule{"sslfactory", Ignore},
      Rule{"sslfactoryarg", Ignore},
      Rule{"sslhostnameverifier", Ignore},
      Rule{"sslpasswordcallback", Ignore},
      Rule{"sslResponseTimeout", Ignore},
      Rule{"socketFactory", Ignore},
      Rule{"socketFactoryArg", Ignore},
      Rule{"localSocketAddress", Ignore},
      Rule{"prepareThreshold", Ignore},
      Rule{"preparedStatementCacheQueries", Ignore},
      Rule{"preparedStatementCacheSizeMiB", Ignore},
      Rule{"defaultRowFetchSize", Ignore},
      Rule{"adaptiveFetch", Ignore},
      Rule{"adaptiveFetchMinimum", Ignore},
      Rule{"adaptiveFetchMaximum", Ignore},
      Rule{"binaryTransfer", Ignore},
      Rule{"binaryTransferEnable", Ignore},
      Rule{"binaryTransferDisable", Ignore},
      Rule{"reWriteBatchedInserts", Ignore},
      Rule{"stringtype", Ignore},
      Rule{"unknownLength", Ignore},
      Rule{"maxResultBuffer", Ignore},
      Rule{"logUnclosedConnections", Ignore},
      Rule{"loggerLevel", Ignore},
      Rule{"loggerFile", Ignore},
      Rule{"logServerErrorDetail", Ignore},
      Rule{"autosave", Ignore},
      Rule{"cleanupSavepoints", Ignore},
      Rule{"allowEncodingChanges", Ignore},
      Rule{"assumeMinServerVersion", Ignore},
      Rule{"groupStartupParameters", Ignore},
      Rule{"readOnly", Ignore},
      Rule{"readOnlyMode", Ignore},
      Rule{"disableColumnSanitiser", Ignore},
      Rule{"hostRecheckSeconds", Ignore},
      Rule{"protocolVersion", Ignore},
      Rule{"preferQueryMode", Ignore},
      Rule{"receiveBufferSize", Ignore},
      Rule{"sendBufferSize", Ignore},
      Rule{"databaseMetadataCacheFields", Ignore},
      Rule{"databaseMetadataCacheFieldsMiB", Ignore},
      Rule{"escapeSyntaxCallMode", Ignore},
      Rule{"quoteReturningIdentifiers", Ignore},
      Rule{"hideUnprivilegedObjects", Ignore},
      Rule{"flushCacheOnDeallocate", Ignore},
      Rule{"xmlFactoryFactory", Ignore},
      Rule{"sspiServiceClass", Ignore},
      Rule{"useSpnego", Ignore},
      Rule{"jaasApplicationName", Ignore},
      Rule{"jaasLogin", Ignore},
      Rule{"gssUseDefaultCreds", Ignore},
      // Prisma.
      Rule{"connection_limit", Ignore},
      Rule{"pool_timeout", Ignore},
      Rule{"pgbouncer", Ignore, "see --pooler"},
      Rule{"socket_timeout", Ignore},
      Rule{"statement_cache_size", Ignore},
      Rule{"max_connection_lifetime", Ignore},
      Rule{"max_idle_connection_lifetime", Ignore},
      Rule{"sslaccept", Special},
      Rule{"sslidentity", Ignore, "write sslcert and sslkey"},
      // SQLAlchemy, asyncpg, psycopg, Django.
      Rule{"async_fallback", Ignore},
      Rule{"prepared_statement_cache_size", Ignore},
      Rule{"prepared_statement_name_func", Ignore},
      Rule{"prepare_threshold", Ignore},
      Rule{"command_timeout", Ignore},
      Rule{"autocommit", Ignore},
      Rule{"direct_tls", Ignore},
      Rule{"conn_max_age", Ignore},
      Rule{"conn_health_checks", Ignore},
      Rule{"disable_server_side_cursors", Ignore},
      Rule{"ssl_require", Rename, "ssl"},
      // Go: pgx and its pool.
      Rule{"pool_max_conns", Ignore},
      Rule{"pool_min_conns", Ignore},
      Rule{"pool_min_idle_conns", Ignore},
      Rule{"pool_max_conn_lifetime", Ignore},
      Rule{"pool_max_conn_lifetime_jitter", Ignore},
      Rule{"pool_max_conn_idle_time", Ignore},
      Rule{"pool_health_check_period", Ignore},
      Rule{"default_query_exec_mode", Ignore},
      Rule{"statement_cache_capacity", Ignore},
      Rule{"statement_cache_mode", Ignore},
      Rule{"description_cache_capacity", Ignore},
      Rule{"prefer_simple_protocol", Ignore},
      Rule{"binary_parameters", Ignore},
      // Rails and node.
      Rule{"pool", Ignore},
      Rule{"checkout_timeout", Ignore},
      Rule{"idle_timeout", Ignore},
      Rule{"reaping_frequency", Ignore},
      Rule{"prepared_statements", Ignore},
      Rule{"advisory_locks", Ignore},
      Rule{"max", Ignore},
      Rule{"min", Ignore},
      Rule{"keepAlive", Ignore},
      Rule{"query_timeout", Ignore},
      Rule{"idleTimeoutMillis", Ignore},
      Rule{"connectionTimeoutMillis", Ignore},
      Rule{"uselibpqcompat", Ignore},
  };
  const auto* const found = std::find_if(kRules.begin(), kRules.end(),
                                         [name](const Rule& rule) { return rule.name == name; });
  return found == kRules.end() ? nullptr : found;
}

void refuse_url(std::string_view source, std::string_view what) {
  throw Error(ErrorId::BadDatabaseUrl, fmt::format("{}: {}", source, what));
}

ParameterTranslator::ParameterTranslator(std::string_view source, Dialect dialect)
    : dialect_(dialect) {
  out_.source = source;
}

void ParameterTranslator::add(const Parameter& parameter) {
  ++count_;
  if (const Rule* rule = find_rule(parameter.name)) {
    if (parameter.bare_equals && is_one_of(rule->name, kShown)) {
      refuse_url(out_.source, fmt::format("the value of {} holds a '=': what separates it from the "
                                          "next is missing, or it needs to be encoded or quoted",
                                          rule->name));
    }
    after_secret_ = rule->name == "password" || rule->name == "sslpassword";
    return apply(*rule, rule->name, parameter.value);
  }
  if (parameter.name.starts_with("x-")) {  // golang-migrate's own
    return warn_ignored("x-...");
  }
  unknown(parameter);
}

void ParameterTranslator::unknown(const Parameter& parameter) const {
  if (parameter.nameable && !after_secret_ && is_word(parameter.name) &&
      !parameter.name.starts_with("password")) {
    refuse_url(out_.source, fmt::format("the parameter \"{}\" is not known", parameter.name));
  }
  refuse_url(out_.source,
             fmt::format("parameter {} is not known; if it is a part of a password, write & as "
                         "%26, ? as %3F and @ as %40, or in the key=value form put the password "
                         "between ' and '",
                         count_));
}

void ParameterTranslator::apply(const Rule& rule, std::string_view shown,
                                const std::string& value) {
  switch (rule.action) {
    case Action::Pass: return set(rule.name, value);
    case Action::Integer:
      if (!value.empty() && !is_integer(value)) {
        refuse_url(out_.source, fmt::format("{} must be a whole number", shown));
      }
      return set(rule.name, value);
    case Action::OneOf:
      if (!value.empty() && !is_one_of(value, rule.argument)) {
        refuse_url(out_.source, fmt::format("{} must be one of {}", shown, rule.argument));
      }
      return set(rule.name, value);
    case Action::Rename: return apply(*find_rule(rule.argument), shown, value);
    case Action::Drop: return;
    case Action::DropOnly:
      if (!value.empty() && !is_one_of(value, rule.argument)) {
        refuse_url(out_.source, fmt::format("of {}, Headway can do only {}", shown, rule.argument));
      }
      return;
    case Action::Ignore: return warn_ignored(shown, rule.argument);
    case Action::Refuse:
      refuse_url(out_.source, fmt::format("{} is not supported: {}", shown, rule.argument));
    case Action::Setting: out_.settings.emplace_back(rule.argument, value); return;
    case Action::Special: return apply_special(rule, shown, value);
  }
}

void ParameterTranslator::apply_special(const Rule& rule, std::string_view shown,
                                        const std::string& value) {
  const std::string_view name = rule.name;
  if (name == "host") return add_host(value);
  if (name == "options") return add_options(shown, value);
  if (name == "schema" || name == "search_path" || name == "currentSchema") return add_path(value);
  if (name == "ssl") {
    ssl_ = value;
  } else if (name == "sslaccept") {
    sslaccept_ = value;
  } else if (name == "sslmode") {
    if (value == "no-verify") return set("sslmode", "require");  // node
    if (!value.empty() && !is_one_of(value, kSslModes)) {
      refuse_url(out_.source, fmt::format("{} must be one of {}", shown, kSslModes));
    }
    set("sslmode", value);
  } else if (name == "sslcertmode") {
    if (value == "disable") {
      sslcert_disabled_ = true;
    } else if (!value.empty() && value != "allow") {
      refuse_url(out_.source, fmt::format("{} is not supported: {}", shown, kNeedsNewer));
    }
  } else if (name == "client_encoding") {
    if (!is_one_of(value, "|utf8|UTF8|utf-8|UTF-8|auto|unicode|UNICODE")) {
      warn_ignored(shown, kUtf8);
    }
  } else if (name == "targetServerType") {
    if (value == "primary" || value == "master") return set("target_session_attrs", "read-write");
    if (value == "secondary" || value == "slave") return set("target_session_attrs", "standby");
    if (value == "preferSecondary" || value == "preferSlave") {
      return set("target_session_attrs", "prefer-standby");
    }
    if (!is_one_of(value, "any|preferPrimary|preferMaster") && !value.empty()) {
      refuse_url(out_.source,
                 "targetServerType must be one of any|primary|secondary|"
                 "preferPrimary|preferSecondary");
    }
  } else if (name == "loadBalanceHosts") {
    if (is_true(value)) set("load_balance_hosts", "random");
  } else if (name == "tcpKeepAlive") {
    set("keepalives", is_true(value) ? "1" : "0");
  } else if (name == "gssEncMode") {
    apply(*find_rule("gssencmode"), shown, value == "allow" ? "prefer" : value);
  }
}

void ParameterTranslator::warn_ignored(std::string_view shown, std::string_view why) {
  std::string text = fmt::format("{}: {} is ignored", out_.source, shown);
  if (!why.empty()) text += fmt::format(": {}", why);
  if (std::find(out_.warnings.begin(), out_.warnings.end(), text) == out_.warnings.end()) {
    out_.warnings.push_back(std::move(text));
  }
}

// SQLAlchemy repeats the parameter for each host, each with its port: host=a:5432&host=b:5432.
void ParameterTranslator::add_host(const std::string& value) {
  if (dialect_ != Dialect::Driver) return set("host", value);
  std::string host = value;
  std::string port;
  const auto colon = value.find(':');
  if (colon != std::string::npos && colon == value.rfind(':') && !value.starts_with('/')) {
    host = value.substr(0, colon);
    port = value.substr(colon + 1);
  }
  if (host_given_) {
    const std::string* hosts = out_.find("host");
    const std::string* ports = out_.find("port");
    host.insert(0, (hosts != nullptr ? *hosts : std::string()) + ",");
    port.insert(0, (ports != nullptr ? *ports : std::string()) + ",");
  }
  host_given_ = true;
  set("host", std::move(host));
  if (port.find_first_not_of(',') != std::string::npos) set("port", std::move(port));
}

void ParameterTranslator::add_options(std::string_view shown, const std::string& value) {
  const auto options = parse_startup_options(value);
  if (!options) {
    refuse_url(out_.source,
               fmt::format("of {}, Headway takes only -c name=value: poolers refuse startup "
                           "options; use --set name=value",
                           shown));
  }
  if (options->endpoint) {
    warn_ignored("options=endpoint", "the server name is sent with the TLS handshake");
  }
  for (const auto& [name, setting] : options->settings) {
    if (name == "search_path") {
      add_path(setting);
    } else {
      out_.settings.emplace_back(name, setting);
    }
  }
}

void ParameterTranslator::add_path(const std::string& value) {
  out_.search_path = split_search_path(value);
}

void ParameterTranslator::set(std::string_view keyword, std::string value) {
  std::erase_if(out_.keywords, [keyword](const auto& pair) { return pair.first == keyword; });
  // Empty means "not given" to libpq, too.
  if (!value.empty()) out_.keywords.emplace_back(keyword, std::move(value));
}

bool ParameterTranslator::has(std::string_view keyword) const {
  return out_.find(keyword) != nullptr;
}

// What `ssl` means depends on who reads it; sslmode, where it is given too, says it better.
void ParameterTranslator::translate_ssl() {
  if (!ssl_ || has("sslmode")) return;
  if (is_one_of(*ssl_, kSslModes)) return set("sslmode", *ssl_);
  if (*ssl_ == "no-verify") return set("sslmode", "require");
  if (is_true(*ssl_)) return set("sslmode", dialect_ == Dialect::Jdbc ? "verify-full" : "require");
  if (!is_false(*ssl_))
    refuse_url(out_.source, "ssl must be true, false or one of sslmode's values");
  if (dialect_ != Dialect::Jdbc) set("sslmode", "disable");
}

// Prisma checks certificates if sslaccept=strict, and its sslcert is the authority's.
void ParameterTranslator::translate_prisma() {
  if (!sslaccept_) return;
  if (const std::string* certificate = out_.find("sslcert"); certificate && !has("sslkey")) {
    set("sslrootcert", *certificate);
    set("sslcert", "");
  }
  if (*sslaccept_ != "strict") return warn_ignored("sslaccept");
  const std::string* mode = out_.find("sslmode");
  if (mode != nullptr && *mode == "disable") {
    refuse_url(out_.source, "sslaccept=strict and sslmode=disable contradict each other");
  }
  set("sslmode", "verify-full");
  if (!has("sslrootcert")) set("sslrootcert", "system");
}

ConnectionParameters ParameterTranslator::finish() && {
  translate_ssl();
  translate_prisma();
  if (sslcert_disabled_) {
    set("sslcert", "");
    set("sslkey", "");
    set("sslcertmode", "disable");  // for locate(): another place may name some
  }
  return std::move(out_);
}

std::vector<std::string> split_search_path(std::string_view list) {
  std::vector<std::string> out;
  std::string name;
  bool quoted = false;
  bool was_quoted = false;
  const auto finish = [&] {
    if (!was_quoted) {
      const auto first = name.find_first_not_of(' ');
      name = first == std::string::npos
                 ? std::string()
                 : name.substr(first, name.find_last_not_of(' ') - first + 1);
    }
    if (!name.empty()) out.push_back(name);
    name.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (c == '"' && quoted && list.substr(i + 1).starts_with('"')) {
      name += c;
      ++i;
    } else if (c == '"') {
      if (!quoted) name.clear();
      quoted = !quoted;
      was_quoted = true;
    } else if (c == ',' && !quoted) {
      finish();
    } else if (quoted || !was_quoted) {
      name += c;
    }
  }
  finish();
  return out;
}

void check_system_roots(ConnectionParameters& parameters) {
  const std::string* root = parameters.find("sslrootcert");
  if (root == nullptr || *root != "system") return;
  const std::string* mode = parameters.find("sslmode");
  if (mode == nullptr) {
    parameters.keywords.emplace_back("sslmode", "verify-full");
  } else if (*mode != "verify-full") {
    refuse_url(parameters.source,
               "sslrootcert=system needs sslmode=verify-full: anybody can have a certificate that "
               "the system's authorities signed");
  }
}

}  // namespace headway::postgres
