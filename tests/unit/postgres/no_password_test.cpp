// However a URL is broken, nothing that is printed holds its password.
#include <array>
#include <vector>

#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;

namespace {

constexpr std::string_view kPassword = "s3cr3t-Pa55";

const std::array kUrls{
    "postgresql://app:@PW@@db:5432/orders",
    "postgresql://app:@PW@@db:5432/orders?sslmode=require&connect_timeout=3",
    "postgres://app:@PW@@h1:5432,h2:5433/orders",
    "postgresql://app:@PW@@[::1]:5432/orders?options=-cjit%3Doff",
    "postgresql+asyncpg://app:@PW@@db/orders?ssl=require",
    "postgresql://app@db/orders?password=@PW@",
    "postgresql://db/orders?user=app&password=@PW@&sslmode=require",
    "postgresql://app@db/orders?sslmode=require&sslpassword=@PW@&sslkey=/k",
    "jdbc:postgresql://db:5432/orders?user=app&password=@PW@&ssl=true",
    "jdbc:postgresql://db/orders?password=@PW@&user=app",
    "host=db user=app password=@PW@ dbname=orders",
    "host='db' user='app' password='@PW@' dbname='orders'",
    "password = @PW@ host=db",
    "user=app sslpassword=@PW@ sslmode=require",
};

/// What people's passwords look like; each holds kPassword.
const std::array kPasswords{
    "@S@",       "a@@S@",   "@S@/x",   "x/@S@",  "@S@?x", "x?@S@",  "x?a=@S@", "@S@#x",
    "#@S@",      "x:@S@",   "@S@:1",   "%@S@",   "@S@%",  "@S@%zz", "@S@&x",   "x&@S@",
    "&@S@=",     "x&y=@S@", "@S@=x",   "=@S@",   "@S@ x", "x @S@",  "'@S@",    "@S@'",
    "\\@S@",     "[@S@]",   "x,@S@",   "%73@S@", "@S@@@", "1/@S@",  "1?@S@",   "1?@S@=z",
    "x@y?@S@=z", "x@y/@S@", "a b=@S@", "\"@S@",  "$@S@",
};

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string everything_shown(const std::string& url) {
  std::string out;
  const auto show = [&out](const ConnectionParameters& p) {
    out += p.description() + "\n" + p.source + "\n";
    for (const auto& warning : p.warnings) out += warning + "\n";
  };
  const auto show_error = [&out](const Error& error) {
    const ErrorInfo& info = error.info();
    out += std::string(error.what()) + "\n" + info.message + "\n" + info.detail + "\n" +
           std::string(info.next_step()) + "\n" + info.where.text() + "\n" + info.statement + "\n";
  };
  try {
    show(parse(url));
  } catch (const Error& error) {
    show_error(error);
  }
  try {
    show(locate(places({{"DATABASE_URL", url}})));
  } catch (const Error& error) {
    show_error(error);
  }
  return out;
}

void check_hidden(const std::string& url) {
  const std::string shown = everything_shown(url);
  const bool hidden = !holds(shown, "s3cr3t") && !holds(shown, "Pa55") && !holds(shown, "%733cr3t");
  if (!hidden) {
    CAPTURE(std::string(url));
    CAPTURE(shown);
    CHECK(hidden);
  }
}

}  // namespace

TEST_CASE("a password of any shape is shown nowhere") {
  int count = 0;
  for (const char* url : kUrls) {
    for (const char* password : kPasswords) {
      check_hidden(replace_all(url, "@PW@", replace_all(password, "@S@", kPassword)));
      ++count;
    }
  }
  CHECK(count > 400);
}

TEST_CASE("a URL with any one character wrong shows no password") {
  int count = 0;
  for (const char* base : kUrls) {
    const std::string url = replace_all(base, "@PW@", kPassword);
    const std::size_t begin = url.find(kPassword);
    const std::size_t end = begin + kPassword.size();
    for (std::size_t at = 0; at <= url.size(); ++at) {
      if (at > begin && at < end) continue;
      for (const char wrong : std::string_view("@:/?#%&=[]'\\ ,.-x\n")) {
        check_hidden(std::string(url).insert(at, 1, wrong));
        ++count;
        // Without its ':' the whole is a user name, as far as anybody can tell.
        const bool colon = at + 1 == begin && url[at] == ':';
        const bool joins = colon && std::string_view(".-x").find(wrong) != std::string_view::npos;
        if (at == url.size() || at == begin || joins) continue;
        std::string replaced = url;
        replaced[at] = wrong;
        check_hidden(replaced);
      }
      if (at < url.size() && at != begin && !(at + 1 == begin && url[at] == ':')) {
        check_hidden(std::string(url).erase(at, 1));
      }
    }
    for (std::size_t length = 0; length <= url.size(); ++length)
      check_hidden(url.substr(0, length));
    for (std::size_t from = 0; from < begin; ++from) {
      const bool is_user = url.substr(from).starts_with(kPassword);
      if (!is_user) check_hidden(url.substr(from));
    }
  }
  CHECK(count > 1000);
}

TEST_CASE("an encoded password is shown neither decoded nor encoded") {
  std::string encoded;
  for (const char c : kPassword) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  for (const char* base : kUrls) {
    const std::string url = replace_all(base, "@PW@", encoded);
    for (const std::string& text : {url, url + "&nonsense=1", url + "%", "x" + url}) {
      const std::string shown = everything_shown(text);
      CAPTURE(std::string(text));
      CHECK_FALSE(holds(shown, kPassword));
      CHECK_FALSE(holds(shown, encoded));
    }
  }
}
