#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;
using Settings = std::vector<std::pair<std::string, std::string>>;

namespace {

std::string url(const std::string& query) { return "postgresql://u:p@db/x?" + query; }
std::string jdbc(const std::string& query) { return "jdbc:postgresql://db/x?user=u&" + query; }

}  // namespace

TEST_CASE("every parameter of libpq 15 is passed on") {
  for (const char* pair : {"connect_timeout=3",
                           "passfile=/a",
                           "channel_binding=require",
                           "keepalives=0",
                           "keepalives_idle=1",
                           "keepalives_interval=2",
                           "keepalives_count=3",
                           "tcp_user_timeout=4",
                           "sslmode=verify-ca",
                           "sslcompression=0",
                           "sslcert=/c",
                           "sslkey=/k",
                           "sslpassword=w",
                           "sslrootcert=/r",
                           "sslcrl=/l",
                           "sslcrldir=/d",
                           "sslsni=1",
                           "requirepeer=postgres",
                           "ssl_min_protocol_version=TLSv1.2",
                           "ssl_max_protocol_version=TLSv1.3",
                           "gssencmode=disable",
                           "krbsrvname=pg",
                           "gsslib=gssapi",
                           "target_session_attrs=prefer-standby",
                           "hostaddr=127.0.0.1",
                           "service=s"}) {
    CAPTURE(std::string(pair));
    const std::string_view text = pair;
    const auto equals = text.find('=');
    const auto p = parse(url(pair));
    CHECK(get(p, text.substr(0, equals)) == text.substr(equals + 1));
    CHECK(p.warnings.empty());
  }
}

TEST_CASE("values that libpq would refuse at every attempt are refused at once") {
  for (const char* pair :
       {"sslmode=always", "connect_timeout=soon", "keepalives=yes", "channel_binding=maybe",
        "target_session_attrs=rw", "gssencmode=no", "ssl_min_protocol_version=1.2", "sslsni=2",
        "load_balance_hosts=yes", "ssl=perhaps", "targetServerType=leader"}) {
    CAPTURE(std::string(pair));
    CHECK(holds(refusal(url(pair)), "must be"));
  }
}

TEST_CASE("unknown parameters are refused by name") {
  CHECK(refusal(url("sslmod=require")) == "THERE: the parameter \"sslmod\" is not known");
}

TEST_CASE("a value that libpq would not take is refused under whatever name it comes") {
  for (const char* name : {"gssencmode", "gssEncMode", "channel_binding", "channelBinding"}) {
    CAPTURE(std::string(name));
    CHECK(holds(refusal(url(std::string(name) + "=maybe")),
                std::string(name) + " must be one of disable|prefer|require"));
  }
  CHECK(holds(refusal(url("connectTimeout=soon")), "must be a whole number"));
}

TEST_CASE("a parameter of a newer libpq is honoured where it can be, else refused by name") {
  for (const char* pair :
       {"sslnegotiation=postgres", "gssdelegation=0", "min_protocol_version=3.0",
        "max_protocol_version=latest", "replication=false", "sslcertmode=allow"}) {
    CAPTURE(std::string(pair));
    const auto p = parse(url(pair));
    CHECK(p.keywords.size() == 4);
    CHECK(p.warnings.empty());
  }
  for (const char* name :
       {"require_auth=scram-sha-256", "sslnegotiation=direct", "gssdelegation=1",
        "min_protocol_version=3.2", "scram_client_key=a", "scram_server_key=a", "sslkeylogfile=/a",
        "oauth_issuer=a", "oauth_client_id=a", "oauth_client_secret=a", "oauth_scope=a",
        "sslcertmode=require", "replication=database"}) {
    CAPTURE(std::string(name));
    const std::string_view text = name;
    CHECK(holds(refusal(url(name)), text.substr(0, text.find('='))));
  }
  const auto off = parse(url("sslcert=/c&sslkey=/k&sslcertmode=disable"));
  CHECK(get(off, "sslcert") == "-");
  CHECK(get(off, "sslkey") == "-");
}

TEST_CASE("sslrootcert=system means verify-full and nothing weaker") {
  CHECK(get(url("sslrootcert=system"), "sslmode") == "verify-full");
  CHECK(get(url("sslrootcert=system&sslmode=verify-full"), "sslmode") == "verify-full");
  for (const char* mode : {"disable", "prefer", "require", "verify-ca"}) {
    CAPTURE(std::string(mode));
    CHECK(holds(refusal(url(std::string("sslrootcert=system&sslmode=") + mode)),
                "needs sslmode=verify-full"));
  }
}

TEST_CASE("startup options become settings of the session") {
  const auto p =
      parse(url("options=-c%20work_mem%3D1MB%20-cjit=off%20--lc-messages=C%20-c%20a.b=x%5C%20y"));
  CHECK(p.settings ==
        Settings{{"work_mem", "1MB"}, {"jit", "off"}, {"lc_messages", "C"}, {"a.b", "x y"}});
  CHECK(get(p, "options") == "-");
  const auto path = parse("postgresql+psycopg://u@db/x?options=-csearch_path%3Dapp,public");
  CHECK(path.search_path == std::vector<std::string>{"app", "public"});
  CHECK(path.settings.empty());
  CHECK(parse("postgresql+psycopg://u@db/x?options=-c+jit=off").settings ==
        Settings{{"jit", "off"}});
}

TEST_CASE("startup options that are no settings are refused") {
  for (const char* options : {"-e", "-c", "-c%20jit", "jit=off", "-N%205", "--", "-c%20a-b;=1"}) {
    CAPTURE(std::string(options));
    CHECK(holds(refusal(url(std::string("options=") + options)), "--set name=value"));
  }
}

TEST_CASE("Neon's endpoint option is not needed") {
  const auto p = parse(url("options=endpoint%3Dep-cool-1"));
  CHECK(p.settings.empty());
  REQUIRE(p.warnings.size() == 1);
  CHECK(holds(p.warnings[0], "options=endpoint is ignored"));
}

TEST_CASE("ssl means what its reader means by it") {
  CHECK(get(jdbc("ssl=true"), "sslmode") == "verify-full");
  CHECK(get(jdbc("ssl"), "sslmode") == "verify-full");
  CHECK(get(jdbc("ssl=false"), "sslmode") == "-");
  CHECK(get(jdbc("ssl=true&sslmode=require"), "sslmode") == "require");
  CHECK(get(url("ssl=true"), "sslmode") == "require");
  CHECK(get(url("ssl=false"), "sslmode") == "disable");
  CHECK(get("postgresql+asyncpg://u@db/x?ssl=require", "sslmode") == "require");
  CHECK(get("postgresql+asyncpg://u@db/x?ssl=verify-full", "sslmode") == "verify-full");
  CHECK(get(url("ssl=no-verify"), "sslmode") == "require");
  CHECK(get(url("sslmode=no-verify"), "sslmode") == "require");
}

TEST_CASE("JDBC's words are translated") {
  const auto p =
      parse(jdbc("password=p+w&loginTimeout=7&targetServerType=primary&tcpKeepAlive=true&"
                 "gssEncMode=allow&channelBinding=prefer&loadBalanceHosts=true"));
  CHECK(get(p, "user") == "u");
  CHECK(get(p, "password") == "p w");
  CHECK(get(p, "connect_timeout") == "7");
  CHECK(get(p, "target_session_attrs") == "read-write");
  CHECK(get(p, "keepalives") == "1");
  CHECK(get(p, "gssencmode") == "prefer");
  CHECK(get(p, "channel_binding") == "prefer");
  CHECK(get(p, "load_balance_hosts") == "random");
  CHECK(get(jdbc("targetServerType=master"), "target_session_attrs") == "read-write");
  CHECK(get(jdbc("targetServerType=secondary"), "target_session_attrs") == "standby");
  CHECK(get(jdbc("targetServerType=preferSecondary"), "target_session_attrs") == "prefer-standby");
  CHECK(get(jdbc("targetServerType=any"), "target_session_attrs") == "-");
}

TEST_CASE("what only other drivers know is ignored with a warning") {
  for (const char* name :
       {"socketTimeout", "ApplicationName", "prepareThreshold", "sslfactory",
        "reWriteBatchedInserts", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout",
        "statement_cache_size", "sslidentity", "async_fallback", "prepared_statement_cache_size",
        "pool_max_conns", "application_name", "statement_timeout"}) {
    CAPTURE(std::string(name));
    const auto p = parse(url(std::string(name) + "=1"));
    REQUIRE(p.warnings.size() == 1);
    CHECK(holds(p.warnings[0], std::string("THERE: ") + name + " is ignored"));
    CHECK(get(p, name) == "-");
  }
  CHECK(parse(url("x-migrations-table=t")).warnings.size() == 1);
  CHECK(parse(url("pool=1&pool=2")).warnings.size() == 1);
  CHECK(parse(url("client_encoding=UTF8")).warnings.empty());
  CHECK(parse(url("client_encoding=latin1")).warnings.size() == 1);
}

TEST_CASE("Prisma's strict certificates are checked") {
  const auto own = parse(url("sslmode=require&sslaccept=strict&sslcert=/ca.pem"));
  CHECK(get(own, "sslmode") == "verify-full");
  CHECK(get(own, "sslrootcert") == "/ca.pem");
  CHECK(get(own, "sslcert") == "-");
  CHECK(get(url("sslaccept=strict"), "sslrootcert") == "system");
  const auto lax = parse(url("sslmode=require&sslaccept=accept_invalid_certs"));
  CHECK(get(lax, "sslmode") == "require");
  CHECK(lax.warnings.size() == 1);
  CHECK(holds(refusal(url("sslmode=disable&sslaccept=strict")), "contradict"));
}

TEST_CASE("the time zone is a setting of the session") {
  CHECK(parse(url("TimeZone=UTC")).settings == Settings{{"timezone", "UTC"}});
}
