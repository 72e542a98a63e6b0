#include "postgres/tls_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/temp_dir.hpp"
#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;
using headway::testing::TempDir;

namespace {

ErrorInfo refused(const std::string& parameters) {
  return error_of([&] { const TlsFiles files(parse("host=db user=u " + parameters)); });
}

std::string key_file(const TempDir& dir, mode_t mode, const std::string& text = "a key") {
  const auto path = dir.write("tls.key", text);
  REQUIRE(chmod(path.c_str(), mode) == 0);
  return path;
}

}  // namespace

TEST_CASE("a file that is named and not there, or empty, is waited for") {
  const TempDir dir;
  const std::string empty = dir.write("empty", "");
  for (const char* keyword : {"sslrootcert", "sslcrl", "sslcert", "sslkey"}) {
    CAPTURE(std::string(keyword));
    const auto missing = refused(std::string(keyword) + "=/nonexistent/file");
    CHECK(missing.id == ErrorId::Unreachable);
    CHECK(holds(missing.message, std::string(keyword) + ": waiting"));
    CHECK(refused(std::string(keyword) + "=" + empty).id == ErrorId::Unreachable);
    CHECK(refused(std::string(keyword) + "=" + dir.path().string()).id ==
          ErrorId::BadConfiguration);
  }
}

TEST_CASE("without TLS no file is looked at") {
  for (const char* parameters :
       {"host=db sslmode=disable sslrootcert=/nonexistent", "host=/run sslkey=/nonexistent"}) {
    CHECK_NOTHROW(TlsFiles(parse(parameters)));
  }
}

TEST_CASE("a revocation list that is none is refused, because libpq would pass it over") {
  const TempDir dir;
  CHECK(holds(refused("sslcrl=" + dir.write("crl", "text").string()).message,
              "holds no list of revoked certificates"));
}

TEST_CASE("a private key that is ours alone goes to libpq as it is") {
  const TempDir dir;
  const std::string path = key_file(dir, 0600);
  const auto parameters = parse("host=db user=u sslkey=" + path);
  const TlsFiles files(parameters);
  Keywords keywords = parameters.keywords;
  files.apply(keywords);
  CHECK(keywords == parameters.keywords);
  CHECK(files.own_names("\"" + path + "\"") == "\"" + path + "\"");
}

TEST_CASE("root's key that others may read goes to libpq as a private copy, anybody else's not") {
  const TempDir dir;
  const std::string path = key_file(dir, 0644);
  const auto parameters = parse("host=db user=u sslkey=" + path);
  if (geteuid() != 0) {
    CHECK(holds(refused("sslkey=" + path).message, "may be read by others, and is not root's"));
    return;
  }
  const TlsFiles files(parameters);
  ConnectionParameters applied = parameters;
  files.apply(applied.keywords);
  const std::string copy = get(applied, "sslkey");
  CHECK(copy.starts_with("/proc/self/fd/"));
  CHECK(headway::testing::read_file(copy) == "a key");
  struct stat status {};
  REQUIRE(stat(copy.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK(files.own_names("could not load \"" + copy + "\": x \"" + copy + "\"") ==
        "could not load \"" + path + "\": x \"" + path + "\"");
}

TEST_CASE("a private key that others may change is refused") {
  const TempDir dir;
  for (const mode_t mode : {0660U, 0606U}) {
    const auto error = refused("sslkey=" + key_file(dir, mode));
    CHECK(error.id == ErrorId::BadConfiguration);
    CHECK(holds(error.next, "defaultMode 0440"));
  }
}

TEST_CASE("an encrypted key needs its passphrase, and nobody is asked for it") {
  const TempDir dir;
  const std::string path = key_file(dir, 0600, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nabc\n");
  CHECK(holds(refused("sslkey=" + path).message, "is encrypted, and there is no sslpassword"));
  CHECK_NOTHROW(TlsFiles(parse("host=db user=u sslpassword=p sslkey=" + path)));
}
