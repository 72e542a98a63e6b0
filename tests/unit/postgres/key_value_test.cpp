#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;

TEST_CASE("libpq's own form is read by libpq's rules") {
  const auto p = parse("host=db port = 5433  user=app");
  CHECK(get(p, "host") == "db");
  CHECK(get(p, "port") == "5433");
  CHECK(get(p, "user") == "app");
  CHECK(get("host=db password='a b'", "password") == "a b");
  CHECK(get("host=db password=a\\ b", "password") == "a b");
  CHECK(get("host=db password=a=b", "password") == "a=b");
  CHECK(get("host=db dbname='my \\'db\\\\'", "dbname") == "my 'db\\");
  CHECK(get("host=db user=''", "user") == "-");
  CHECK(get("host=/tmp/a user=u", "host") == "/tmp/a");
  CHECK(get("sslrootcert=/a://b host=h", "sslrootcert") == "/a://b");
}

TEST_CASE("a slip in libpq's own form is refused with its place") {
  CHECK(holds(refusal("host=db user"), "keyword 2 lacks its '='"));
  CHECK(holds(refusal("host=db password='abc"), "keyword 2 lacks its closing quote"));
  CHECK(holds(refusal("host=db passwort=x"), "\"passwort\" is not known"));
  CHECK(holds(refusal("user=app@password=pw host=db"), "holds a '='"));
}

TEST_CASE("a NUL byte, at which libpq would stop reading, is refused") {
  using namespace std::string_view_literals;
  CHECK(holds(refusal("host=db password='a\0b'"sv), "NUL byte"));
  CHECK(holds(refusal("postgresql://u@db/x?sslmode=\0"sv), "NUL byte"));
}

TEST_CASE("what follows a password is not named, it may be a part of it") {
  const std::string message = refusal("host=db password=my other=word");
  CHECK(holds(message, "parameter 3 is not known"));
  CHECK_FALSE(holds(message, "other"));
}

TEST_CASE("parameters become libpq's own form again") {
  const Keywords keywords{{"host", "/tmp"}, {"password", "it's \\ it"}};
  const std::string text = libpq_string(keywords);
  CHECK(text == "options='' host='/tmp' password='it\\'s \\\\ it' hostaddr=''");
  CHECK(get(parse(text), "password") == "it's \\ it");
  CHECK_FALSE(holds(libpq_string({{"hostaddr", "::1"}, {"host", "h"}}), "hostaddr=''"));
  CHECK(libpq_string({}) == "options=''");
}
