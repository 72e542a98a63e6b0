#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;
using Names = std::vector<std::string>;

TEST_CASE("a URL gives user, password, host, port and database") {
  const auto p = parse("postgresql://app:secret@db.example:6432/orders?sslmode=require");
  CHECK(get(p, "user") == "app");
  CHECK(get(p, "password") == "secret");
  CHECK(get(p, "host") == "db.example");
  CHECK(get(p, "port") == "6432");
  CHECK(get(p, "dbname") == "orders");
  CHECK(get(p, "sslmode") == "require");
  CHECK(p.keywords.size() == 6);
  CHECK(p.source == "THERE");
  CHECK(p.description() == "app@db.example:6432/orders");
}

TEST_CASE("every scheme of the ecosystem is understood") {
  for (const char* scheme : {"postgres", "postgresql", "postgresql+psycopg", "postgres+psycopg2",
                             "postgresql+asyncpg", "POSTGRESQL", "jdbc:postgresql"}) {
    CAPTURE(std::string(scheme));
    CHECK(parse(std::string(scheme) + "://app@db/orders").description() == "app@db:5432/orders");
  }
  CHECK(parse("jdbc:postgresql:orders?user=app").description() == "app@[local]/orders");
  CHECK(parse("  postgresql://app@db/orders\n").description() == "app@db:5432/orders");
}

TEST_CASE("what is not a PostgreSQL URL is refused") {
  CHECK(refusal("mysql://app@db/orders") == "THERE: mysql:// is not a PostgreSQL URL");
  CHECK(holds(refusal("unheard-of://app@db/orders"), "does not begin with postgresql://"));
  CHECK(holds(refusal("orders"), "does not begin with postgresql://"));
  CHECK(holds(refusal("jdbc:mysql://db/orders"), "mysql:// is not"));
  CHECK(holds(refusal("postgresql:app@db"), "must stand ://"));
  CHECK(holds(refusal(""), "empty"));
  CHECK(holds(refusal("\"postgresql://app@db/orders\""), "quote"));
}

TEST_CASE("parts are percent-decoded") {
  const auto p = parse("postgresql://a%40b:p%2Fw%25%3f%C3%A9@db/or%20ders");
  CHECK(get(p, "user") == "a@b");
  CHECK(get(p, "password") == "p/w%?é");
  CHECK(get(p, "dbname") == "or ders");
  CHECK(get("postgresql://u:a+b@db/x", "password") == "a+b");
}

TEST_CASE("a percent sign that encodes nothing is refused") {
  for (const char* url :
       {"postgresql://u:50%@db/x", "postgresql://u:a%zz@db/x", "postgresql://u:a%4@db/x",
        "postgresql://u:a%@db/x", "postgresql://u@db/x%", "postgresql://u@db/x?sslmode=%2"}) {
    CAPTURE(std::string(url));
    CHECK(holds(refusal(url), "write % as %25"));
  }
  CHECK(holds(refusal("postgresql://u:a%00b@db/x"), "%00"));
}

TEST_CASE("a password that was not encoded is taken where it can be told from the rest") {
  CHECK(get("postgresql://u:a@b@db/x", "password") == "a@b");
  CHECK(get("postgresql://u:a:b@db/x", "password") == "a:b");
  CHECK(get("postgresql://u:a#b@db/x", "password") == "a#b");
  CHECK(get("postgresql://u:@@db/x", "password") == "@");
  CHECK(get("postgresql://me@corp:pw@db/x", "user") == "me@corp");
  CHECK(get("postgresql://u:a[b],c@h1,h2/x", "password") == "a[b],c");
}

TEST_CASE("a password with a bare slash or question mark is refused, saying what to write") {
  for (const char* url :
       {"postgresql://u:a/b@db/x", "postgresql://u:a?b@db/x", "postgresql://u:a@b/c@db/x",
        "postgresql://u:a@b?c@db/x", "postgresql://u:1/b@db/x", "postgresql://u:a/b/c@db"}) {
    CAPTURE(std::string(url));
    const std::string message = refusal(url);
    CHECK(holds(message, "/ as %2F"));
    CHECK(holds(message, "? as %3F"));
  }
}

TEST_CASE("an '@' in a parameter's value is no password") {
  CHECK(get("postgresql://db/x?user=me@corp", "user") == "me@corp");
}

TEST_CASE("hosts may be many, of every kind, each with its port") {
  const auto many = parse("postgresql://u@h1:5433,h2,[::1]:5434/x");
  CHECK(get(many, "host") == "h1,h2,::1");
  CHECK(get(many, "port") == "5433,,5434");
  CHECK(many.description() == "u@h1:5433,h2:5432,[::1]:5434/x");
  CHECK(get("postgresql://u@[fe80::1%25eth0]/x", "host") == "fe80::1%eth0");
  CHECK(get("postgresql://u@h1,h2/x", "port") == "-");
  CHECK(get("postgresql://u@%2Fvar%2Frun/x", "host") == "/var/run");
  CHECK(get("postgresql://u@/x?host=/tmp/s&port=7", "host") == "/tmp/s");
  CHECK(get("postgresql://u@db/x?host=other", "host") == "other");
  CHECK(get("postgresql:///x", "host") == "-");
  CHECK(get("postgresql://", "host") == "-");
  CHECK(get("postgresql://u@:6000/x", "port") == "6000");
}

TEST_CASE("a host or port that can't be one is refused") {
  for (const char* url :
       {"postgresql://u@h:x/d", "postgresql://u@h:0/d", "postgresql://u@h:65536/d",
        "postgresql://u@h:1:2/d", "postgresql://u@h:123456789012/d"}) {
    CAPTURE(std::string(url));
    CHECK(holds(refusal(url), "not a port number"));
  }
  CHECK(holds(refusal("postgresql://u@[::1/d"), "lacks its closing ]"));
  CHECK(holds(refusal("postgresql://u@[::1]5432/d"), "behind the ]"));
  CHECK(holds(refusal("postgresql://u@[name]/d"), "not an IPv6 address"));
  CHECK(holds(refusal("postgresql://u@h st/d"), "no host name has"));
  CHECK(holds(refusal("postgresql://u:p@h\tst/d"), "control character"));
}

TEST_CASE("a missing separator is refused where it would show a secret") {
  CHECK(holds(refusal("postgresql://app@pw@db/x"), "no ':' between user name and password"));
  CHECK(holds(refusal("postgresql://db/xuser=app&password=pw"), "'?' before the parameters"));
  CHECK(holds(refusal("postgresql://db/x?user=app@password=pw"), "holds a '='"));
  CHECK(holds(refusal("postgresql://u@db/x?sslmode"), "lacks its '='"));
}

TEST_CASE("the last of several equal parameters counts, and an empty one does not") {
  CHECK(get("postgresql://u@db/x?sslmode=require&sslmode=disable", "sslmode") == "disable");
  CHECK(get("postgresql://u@db/x?sslmode=&&connect_timeout=3&", "sslmode") == "-");
  CHECK(get("postgresql://a@db/x?user=b", "user") == "b");
}

TEST_CASE("the database defaults to the user in the description") {
  CHECK(parse("postgresql://app@db").description() == "app@db:5432/app");
  CHECK(parse("postgresql://app@db/").description() == "app@db:5432/app");
  CHECK(parse("postgresql://db").description() == "db:5432");
  CHECK(parse("postgresql://u@/d?hostaddr=10.0.0.1").description() == "u@10.0.0.1:5432/d");
}

TEST_CASE("SQLAlchemy names each host in a parameter of its own") {
  const auto p = parse("postgresql+psycopg2://u:p@/x?host=h1:5432&host=h2:5433");
  CHECK(get(p, "host") == "h1,h2");
  CHECK(get(p, "port") == "5432,5433");
  CHECK(get("postgresql+psycopg2://u:p@/x?host=/tmp/s", "host") == "/tmp/s");
}

TEST_CASE("a schema in the URL is the search path") {
  CHECK(parse("postgresql://u@db/x?schema=app").search_path == Names{"app"});
  CHECK(parse("jdbc:postgresql://db/x?currentSchema=a,b").search_path == Names{"a", "b"});
  CHECK(parse("postgresql://u@db/x?search_path=a,%20%22B%20c%22").search_path == Names{"a", "B c"});
  CHECK(parse("postgresql://u@db/x?search_path=%22a%22%22b%22,%20%22$user%22,public").search_path ==
        Names{"a\"b", "$user", "public"});
  CHECK(parse("postgresql://u@db/x?schema=").search_path.empty());
}
