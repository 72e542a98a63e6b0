#include "postgres/endpoints.hpp"

#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;

namespace {

std::string unverified(std::string_view url) { return unverified_text(parse(url), false); }

}  // namespace

TEST_CASE("hosts, addresses and ports belong together; one port stands for all") {
  const auto three = endpoints(parse("host=a,/run,c hostaddr=,,10.0.0.3 port=1,2,3"));
  REQUIRE(three.size() == 3);
  CHECK(three[0].host == "a");
  CHECK(three[1].is_socket());
  CHECK(three[2].address == "10.0.0.3");
  CHECK(three[2].port == "3");
  CHECK(endpoints(parse("host=a,b port=7"))[1].port == "7");
  CHECK(endpoints(parse("user=u")).empty());
}

TEST_CASE("what is of this machine alone") {
  for (const char* local :
       {"host=/run/postgresql", "host=@abstract", "host=localhost", "host=127.0.0.1",
        "host=127.8.9.10", "host=::1", "host=::ffff:127.0.0.1", "host=db hostaddr=127.0.0.1"}) {
    CAPTURE(std::string(local));
    CHECK(endpoints(parse(local)).front().is_local());
  }
  for (const char* remote :
       {"host=db", "host=10.0.0.1", "host=128.0.0.1", "host=::2", "host=fe80::1",
        "host=::ffff:10.0.0.1", "host=localhost.example.com", "host=localhost hostaddr=10.0.0.1"}) {
    CAPTURE(std::string(remote));
    CHECK_FALSE(endpoints(parse(remote)).front().is_local());
  }
}

TEST_CASE("TLS is not for sockets, nor where it is switched off") {
  CHECK(may_use_tls(parse("host=db")));
  CHECK(may_use_tls(parse("host=/run,db")));
  CHECK(may_use_tls(parse("host=localhost")));
  CHECK_FALSE(may_use_tls(parse("host=db sslmode=disable")));
  CHECK_FALSE(may_use_tls(parse("host=/run")));
  CHECK_FALSE(may_use_tls(parse("user=u")));
}

TEST_CASE("a server on the network that need not prove who it is is named, with what to set") {
  CHECK(holds(unverified("postgresql://u@db/d"), "db may be unencrypted, and is not verified"));
  CHECK(holds(unverified("postgresql://u@db/d"), "(sslmode=prefer, the default)"));
  CHECK(holds(unverified("postgresql://u@db/d?sslmode=disable"), "db is not encrypted"));
  CHECK(holds(unverified("postgresql://u@db/d?sslmode=require"), "db is encrypted, but"));
  CHECK(holds(unverified("postgresql://u@localhost,db,10.0.0.1/d"), "to db, 10.0.0.1 may"));
  CHECK(holds(unverified("postgresql://u@db/d?sslmode=prefer&sslrootcert=/ca"), "sslmode=prefer)"));
  for (const char* url :
       {"postgresql://u@db/d?sslmode=verify-full", "postgresql://u@db/d?sslmode=verify-ca",
        "postgresql://u@db/d?sslmode=require&sslrootcert=/ca", "postgresql://u@localhost/d",
        "postgresql://u@/d?host=/run", "postgresql://u@/d"}) {
    CAPTURE(std::string(url));
    CHECK(unverified(url).empty());
  }
  CHECK(unverified_text(parse("postgresql://u@db/d?sslmode=require"), true).empty());
  CHECK_FALSE(unverified_text(parse("postgresql://u@db/d"), true).empty());
}
