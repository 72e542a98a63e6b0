#include <set>

#include "support/temp_dir.hpp"
#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;
using headway::testing::TempDir;

TEST_CASE("without any place the error lists where it looked, in order") {
  const ErrorInfo error = error_of([] { require_database(places({{"PGUSER", "u"}})); });
  CHECK(error.id == ErrorId::NoDatabase);
  std::size_t last = 0;
  for (const char* place :
       {"--database-url", "HEADWAY_DATABASE_URL,", "HEADWAY_DATABASE_URL_FILE", "--database-dir",
        "HIVE_DATABASE_URL", " DATABASE_URL", "PGHOST,", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"}) {
    CAPTURE(std::string(place));
    const auto found = error.message.find(place);
    REQUIRE(found != std::string::npos);
    CHECK(found > last);
    last = found;
  }
  CHECK(error_of([] { return locate(places({{"DATABASE_URL", ""}})); }).id == ErrorId::NoDatabase);
  CHECK(error_of([] { return locate(DatabasePlaces{}); }).id == ErrorId::NoDatabase);
}

TEST_CASE("each place will do") {
  for (const char* name :
       {"HIVE_DATABASE_URL", "DATABASE_URL", "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"}) {
    CAPTURE(std::string(name));
    CHECK_NOTHROW(require_database(places({{name, "x"}})));
  }
  DatabasePlaces url = places({});
  url.url = "postgresql://u@h/d";
  CHECK_NOTHROW(require_database(url));
}

TEST_CASE("the first place that is set wins") {
  const TempDir dir;
  std::map<std::string, std::string> env{{"PGHOST", "env"},
                                         {"PGUSER", "u"},
                                         {"DATABASE_URL", "postgresql://u@plain"},
                                         {"HIVE_DATABASE_URL", "postgresql://u@hive"}};
  DatabasePlaces p = places(env);
  p.url = "postgresql://u@flag";
  p.url_source = "--database-url";
  p.url_file = dir.write("url", "postgresql://u@file\n");
  p.directory = dir.write("secret/uri", "postgresql://u@directory\n").parent_path();
  CHECK(get(locate(p), "host") == "flag");
  CHECK(locate(p).source == "--database-url");
  p.url.clear();
  CHECK(get(locate(p), "host") == "file");
  p.url_file.clear();
  CHECK(get(locate(p), "host") == "directory");
  p.directory.clear();
  CHECK(get(locate(p), "host") == "hive");
  env.erase("HIVE_DATABASE_URL");
  CHECK(get(locate(places(env)), "host") == "plain");
  env["DATABASE_URL"] = "";
  CHECK(get(locate(places(env)), "host") == "env");
  CHECK(locate(places(env)).source == "PGHOST");
}

TEST_CASE("libpq's variables fill what a URL leaves open") {
  const auto p = locate(places({{"DATABASE_URL", "postgresql://u@h/d"},
                                {"PGHOST", "other"},
                                {"PGHOSTADDR", "10.0.0.1"},
                                {"PGPORT", "6000"},
                                {"PGUSER", "other"},
                                {"PGPASSWORD", "pw"},
                                {"PGSSLMODE", "require"},
                                {"PGCONNECT_TIMEOUT", "4"}}));
  CHECK(p.description() == "u@h:6000/d");
  CHECK(get(p, "hostaddr") == "-");  // it is the other host's
  CHECK(get(p, "password") == "pw");
  CHECK(get(p, "sslmode") == "require");
  CHECK(get(p, "connect_timeout") == "4");
}

TEST_CASE("libpq's variables alone will do") {
  const auto p = locate(
      places({{"PGHOSTADDR", "10.0.0.1"}, {"PGHOST", "h"}, {"PGDATABASE", "d"}, {"PGUSER", "u"}}));
  CHECK(get(p, "hostaddr") == "10.0.0.1");
  CHECK(p.description() == "u@h:5432/d");
}

TEST_CASE(
    "PGOPTIONS is translated, and variables of newer libpqs are honoured or refused by name") {
  const auto p = locate(places({{"DATABASE_URL", "postgresql://u@h/d?options=-cjit=on"},
                                {"PGOPTIONS", "-c jit=off -c search_path=a -c work_mem=1MB"},
                                {"PGSSLNEGOTIATION", "postgres"}}));
  CHECK(p.settings ==
        std::vector<std::pair<std::string, std::string>>{{"jit", "on"}, {"work_mem", "1MB"}});
  CHECK(p.search_path == std::vector<std::string>{"a"});
  const auto refused = [](const char* name, const char* value) {
    const ErrorInfo error = error_of([&] {
      return locate(places({{"DATABASE_URL", "postgresql://u@h/d"}, {name, value}}));
    });
    CHECK(error.id == ErrorId::BadDatabaseUrl);
    CHECK(error.message.starts_with(std::string(name) + ": "));
  };
  refused("PGREQUIREAUTH", "scram-sha-256");
  refused("PGSSLNEGOTIATION", "direct");
  refused("PGOPTIONS", "-e");
  refused("PGSSLMODE", "sometimes");
}

TEST_CASE("nobody's user name is never guessed") {
  const ErrorInfo error = error_of([] {
    return locate(places({{"DATABASE_URL", "postgresql://h/d"}, {"HOME", "/nowhere"}}));
  });
  CHECK(error.id == ErrorId::NoUser);
  CHECK(error.message == "DATABASE_URL names no user, and neither does PGUSER");
  CHECK(get(locate(places({{"DATABASE_URL", "postgresql://h/d"}, {"PGUSER", "u"}})), "user") ==
        "u");
}

TEST_CASE("the system's certificates are a file") {
  const TempDir dir;
  const std::string bundle = dir.write("bundle.pem", "certificates");
  const std::map<std::string, std::string> env{{"SSL_CERT_FILE", bundle}};
  DatabasePlaces p = places(env);
  p.url = "postgresql://u@h/d?sslrootcert=system";
  CHECK(get(locate(p), "sslrootcert") == bundle);
  CHECK(get(locate(p), "sslmode") == "verify-full");

  p = places({{"SSL_CERT_FILE", bundle}, {"PGSSLROOTCERT", "system"}});
  p.url = "postgresql://u@h/d";
  CHECK(get(locate(p), "sslrootcert") == bundle);
  p.url = "postgresql://u@h/d?sslmode=require";
  CHECK(error_of([&] { return locate(p); }).id == ErrorId::BadDatabaseUrl);
}

TEST_CASE("balanced hosts are shuffled together with their ports") {
  DatabasePlaces p = places({});
  p.url = "postgresql://u@a:1,b:2,c:3/d?load_balance_hosts=random";
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto found = locate(p);
    CHECK(get(found, "load_balance_hosts") == "-");
    const std::string hosts = get(found, "host");
    const std::string ports = get(found, "port");
    REQUIRE(hosts.size() == 5);
    REQUIRE(ports.size() == 5);
    for (std::size_t at = 0; at < 5; at += 2) CHECK(hosts[at] - 'a' == ports[at] - '1');
    seen.insert(hosts);
  }
  CHECK(seen.size() > 1);
  p.url = "postgresql://u@a,b,c:3/d?load_balance_hosts=disable";
  CHECK(get(locate(p), "host") == "a,b,c");
}

TEST_CASE("a service is read with its user and with the words of newer libpqs") {
  const TempDir dir;
  const std::string file =
      dir.write("services",
                "# comment\n[other]\nhost=wrong\n\n[orders]\nhost=h\nport=6000\n"
                "user=service_user\nsslnegotiation=postgres\n[last]\nhost=no\n");
  const auto p = locate(places(
      {{"PGSERVICE", "orders"}, {"PGSERVICEFILE", file}, {"PGHOST", "env"}, {"PGDATABASE", "d"}}));
  CHECK(p.description() == "service_user@h:6000/d");
  CHECK(get(p, "service") == "-");

  DatabasePlaces url = places({{"HOME", dir.path()}});
  url.url = "postgresql://u@/d?service=orders";
  url.url_source = "--database-url";
  const ErrorInfo missing = error_of([&] { return locate(url); });
  CHECK(missing.id == ErrorId::BadDatabaseUrl);
  CHECK(holds(missing.message, "--database-url: there is no service \"orders\" in " +
                                   dir.path().string() + "/.pg_service.conf"));
  dir.write(".pg_service.conf", "[orders]\nhost=home\n");
  CHECK(locate(url).description() == "u@home:5432/d");
  url.url = "postgresql://u@/d?service=orders&servicefile=" + file;
  CHECK(locate(url).description() == "u@h:6000/d");

  dir.write(".pg_service.conf", "[orders]\nrequire_auth=none\n");
  url.url = "service=orders";
  CHECK(holds(error_of([&] { return locate(url); }).message, "require_auth"));
}

TEST_CASE("a URL in a file is waited for, and its last line end is not a part of it") {
  const TempDir dir;
  DatabasePlaces p = places({});
  p.url_file = dir.path() / "url";
  const ErrorInfo missing = error_of([&] { return locate(p); });
  CHECK(missing.id == ErrorId::Unreachable);
  CHECK(holds(missing.message, "waiting for the Secret at " + p.url_file + ": it is missing"));
  dir.write("url", "\n");
  CHECK(holds(error_of([&] { return locate(p); }).message, "it is empty"));
  dir.write("url", "postgresql://u:pw@h/d\r\n");
  CHECK(get(locate(p), "dbname") == "d");
  CHECK(locate(p).source == "HEADWAY_DATABASE_URL_FILE");
}
