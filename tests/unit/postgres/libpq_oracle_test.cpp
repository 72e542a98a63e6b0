// Where libpq understands a URL, it and we must read the same in it.
#include <libpq-fe.h>

#include <map>
#include <memory>

#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;

namespace {

std::string as_text(const std::map<std::string, std::string>& keywords) {
  std::string out;
  for (const auto& [keyword, value] : keywords) out += keyword + "=<" + value + "> ";
  return out;
}

std::string ours(const char* text) {
  const auto p = parse(text);
  return as_text({p.keywords.begin(), p.keywords.end()});
}

std::string libpqs(const char* text) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(text, &message), &PQconninfoFree);
  REQUIRE_MESSAGE(options, message);
  std::map<std::string, std::string> out;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') out[option->keyword] = option->val;
  }
  return as_text(out);
}

}  // namespace

TEST_CASE("libpq reads the same in a URL and in its own form") {
  for (const char* text : {
           "postgresql://",
           "postgresql://localhost",
           "postgresql://localhost:5433",
           "postgresql://localhost/mydb",
           "postgresql://user@localhost",
           "postgresql://user:secret@localhost",
           "postgresql://user:@localhost",
           "postgresql://:secret@localhost",
           "postgresql://other@localhost/otherdb?connect_timeout=10&sslmode=require",
           "postgresql://h1:123,h2:456/somedb?target_session_attrs=any",
           "postgresql://h1,h2:456,h3/somedb",
           "postgresql:///mydb?host=localhost&port=5433",
           "postgresql://[2001:db8::1234]/database",
           "postgresql://u@[::1]:7,[::2]/database",
           "postgresql:///dbname?host=/var/lib/postgresql",
           "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
           "postgresql://u%20s:p%40%2f%3a%3F@h/d%2Fe?sslcert=%2Fa%20b",
           "postgresql://u:a+b%2B@h/d?sslcert=a+b",
           "postgresql://u:a:b@h/d",
           "postgresql://u:a#b@h/d",
           "postgresql://h/d?user=a&user=b&password=c&dbname=e",
           "postgresql://h/?host=&port=",
           "postgresql://h/d?ssl=true",
           "postgresql://:1234/d",
           "postgres://u@h/a/b",
           "postgresql://u@h/d#e",
           "host=a port=5 user=b",
           "host = a  port =5 user= b",
           "  host='a b' password='it\\'s' dbname='a\\\\b'  ",
           "password=a\\ b\\\\c host=h",
           "password=a=b user=u'v",
           "user='' host=h",
           "host=a host=b",
       }) {
    CAPTURE(std::string(text));
    CHECK(ours(text) == libpqs(text));
  }
}

TEST_CASE("libpq reads back what libpq_string writes") {
  const Keywords keywords{
      {"host", "/tmp/a b"}, {"password", "it's \\ a 'test'\\"}, {"user", "ü=1"}};
  CHECK(libpqs(libpq_string(keywords).c_str()) == as_text({keywords.begin(), keywords.end()}));
}
