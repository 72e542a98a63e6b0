#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "support/kubelet_volume.hpp"
#include "support/temp_dir.hpp"
#include "unit/postgres/conninfo_checks.hpp"

using namespace headway;
using namespace headway::postgres;
using headway::testing::KubeletVolume;
using headway::testing::TempDir;

namespace {

using Files = headway::testing::Keys;

struct Secret {
  explicit Secret(const Files& files) : volume(files) {}

  [[nodiscard]] ConnectionParameters locate(std::map<std::string, std::string> env = {}) const {
    DatabasePlaces p = places(std::move(env));
    p.directory = volume.path();
    return postgres::locate(p);
  }

  [[nodiscard]] std::string path(const char* name) const { return volume.path(name); }

  KubeletVolume volume;
};

}  // namespace

TEST_CASE("CloudNativePG's Secret: the uri counts") {
  const Secret secret({{"username", "app"},
                       {"user", "app"},
                       {"password", "pw"},
                       {"dbname", "app"},
                       {"host", "main-rw"},
                       {"port", "5432"},
                       {"pgpass", "main-rw:5432:app:app:pw\n"},
                       {"uri", "postgresql://app:pw@main-rw.ns:5432/app"},
                       {"jdbc-uri", "jdbc:postgresql://main-rw.ns:5432/app?password=pw&user=app"},
                       {"fqdn-uri", "postgresql://app:pw@main-rw.ns.svc.cluster.local:5432/app"}});
  const auto p = secret.locate();
  CHECK(p.description() == "app@main-rw.ns:5432/app");
  CHECK(get(p, "password") == "pw");
  CHECK(get(p, "sslmode") == "-");
  CHECK(p.source == "--database-dir");
}

TEST_CASE("CloudNativePG's superuser Secret names no database") {
  const Secret secret({{"username", "postgres"},
                       {"password", "pw"},
                       {"dbname", "*"},
                       {"host", "main-rw"},
                       {"uri", "postgresql://postgres:pw@main-rw:5432/*"}});
  CHECK(secret.locate().description() == "postgres@main-rw:5432/postgres");
  CHECK(secret.locate({{"PGDATABASE", "orders"}}).description() == "postgres@main-rw:5432/orders");
}

TEST_CASE("Crunchy's Secret: never through its PgBouncer") {
  const Secret secret({{"user", "u"},
                       {"password", "pw"},
                       {"dbname", "d"},
                       {"host", "primary"},
                       {"port", "5432"},
                       {"verifier", "SCRAM-SHA-256$x"},
                       {"pgbouncer-uri", "postgresql://u:pw@bouncer:6432/d"},
                       {"pgbouncer-host", "bouncer"},
                       {"pgbouncer-port", "6432"}});
  CHECK(secret.locate().description() == "u@primary:5432/d");
  const Secret only(Files{{"pgbouncer-uri", "postgresql://u:pw@bouncer:6432/d"}});
  const ErrorInfo error = error_of([&] { return only.locate(); });
  CHECK(error.id == ErrorId::BadConfiguration);
  CHECK(holds(error.message, "pgbouncer-uri"));
}

TEST_CASE("Zalando's Secret: PGHOST says the rest") {
  const Secret secret({{"username", "u"}, {"password", "pw\n"}});
  const auto p = secret.locate({{"PGHOST", "main"}, {"PGDATABASE", "d"}, {"PGSSLMODE", "require"}});
  CHECK(p.description() == "u@main:5432/d");
  CHECK(get(p, "password") == "pw");
  CHECK(get(p, "sslmode") == "require");
  const ErrorInfo error = error_of([&] { return secret.locate(); });
  CHECK(error.id == ErrorId::NoDatabase);
  CHECK(holds(error.message, "PGHOST"));
}

TEST_CASE("plain keys go by several names") {
  CHECK(Secret(Files{{"hostname", "h"}, {"database", "d"}, {"username", "u"}})
            .locate()
            .description() == "u@h:5432/d");
  CHECK(Secret(Files{{"PGHOST", "h"}, {"PGDATABASE", "d"}, {"PGUSER", "u"}, {"PGPORT", "1"}})
            .locate()
            .description() == "u@h:1/d");
  CHECK(Secret(Files{{"DATABASE_URL", "postgresql://u@h/d\n"}}).locate().description() ==
        "u@h:5432/d");
  CHECK(Secret(Files{{"url", "postgresql://u@h/d"}}).locate().description() == "u@h:5432/d");
  CHECK(Secret(Files{{"jdbc-uri", "jdbc:postgresql://h:1/d?user=u&password=p"}})
            .locate()
            .description() == "u@h:1/d");
}

TEST_CASE("a key that holds NUL bytes, as UTF-16 does, is refused by name") {
  const Secret secret({{"host", "h"}, {"user", "u"}, {"password", std::string("p\0w\0", 4)}});
  const ErrorInfo error = error_of([&] { return secret.locate(); });
  CHECK(error.id == ErrorId::BadConfiguration);
  CHECK(holds(error.message, secret.path("password") + " holds a NUL byte"));
}

TEST_CASE("a pgpass line fills what the keys leave open") {
  const Secret secret(Files{{"pgpass", "h:6000:*:u:p\\:w\\\\\n"}});
  const auto p = secret.locate();
  CHECK(p.description() == "u@h:6000/u");
  CHECK(get(p, "password") == "p:w\\");
}

TEST_CASE("only line ends at the end are not a part of a value") {
  CHECK(get(Secret(Files{{"host", "h\n"}, {"user", "u\r\n"}, {"password", " p w \n\n"}}).locate(),
            "password") == " p w ");
}

TEST_CASE("mounted certificates are used, and checked against") {
  const Files files{
      {"uri", "postgresql://u@h/d"}, {"ca.crt", "ca"}, {"tls.crt", "c"}, {"tls.key", "k"}};
  const Secret secret(files);
  const auto p = secret.locate();
  CHECK(get(p, "sslrootcert") == secret.path("ca.crt"));
  CHECK(get(p, "sslcert") == secret.path("tls.crt"));
  CHECK(get(p, "sslkey") == secret.path("tls.key"));
  CHECK(get(p, "sslmode") == "verify-full");
  CHECK(get(secret.locate({{"PGSSLMODE", "verify-ca"}}), "sslmode") == "verify-ca");

  Files with_mode = files;
  with_mode.emplace_back("sslmode", "require\n");
  CHECK(get(Secret(with_mode).locate(), "sslmode") == "require");
  CHECK(get(Secret(Files{{"uri", "postgresql://u@h/d?sslmode=prefer"}, {"ca.crt", "ca"}}).locate(),
            "sslmode") == "prefer");
  CHECK(get(Secret(Files{{"uri", "postgresql://u@h/d"}, {"tls.crt", "c"}}).locate(), "sslcert") ==
        "-");
}

TEST_CASE("certificates that are named count for more than those that lie there") {
  const Secret secret(Files{{"uri", "postgresql://u@h/d"},
                            {"ca.crt", "ca"},
                            {"tls.crt", "c"},
                            {"tls.key", "k"},
                            {"sslpassword", "p\n"}});
  CHECK(get(secret.locate({{"PGSSLROOTCERT", "/other.crt"}}), "sslrootcert") == "/other.crt");
  const auto other = secret.locate({{"PGSSLCERT", "/c.crt"}});
  CHECK(get(other, "sslcert") == "/c.crt");
  CHECK(get(other, "sslkey") == "-");  // not the key of another certificate
  CHECK(get(other, "sslpassword") == "p");
  const auto none = secret.locate({{"PGSSLCERTMODE", "disable"}});
  CHECK(get(none, "sslcert") == "-");
  CHECK(get(none, "sslkey") == "-");
  CHECK(get(none, "sslcertmode") == "-");
  CHECK(get(none, "sslrootcert") == secret.path("ca.crt"));
}

TEST_CASE("a Secret that is not there yet is waited for") {
  const TempDir dir;
  DatabasePlaces p = places({});
  p.directory = dir.path() / "db";
  const auto message = [&] {
    const ErrorInfo error = error_of([&] { return locate(p); });
    CHECK(error.id == ErrorId::Unreachable);
    return error.message;
  };
  CHECK(holds(message(), p.directory + ": it is missing"));
  std::filesystem::create_directories(dir.path() / "db/..data");
  CHECK(holds(message(), p.directory + ": it is empty"));
  dir.write("db/ca.crt", "ca");
  CHECK(holds(message(), "without a key that names a user"));
  dir.write("db/host", "h");
  CHECK(holds(message(), "without a key that names a user"));
  dir.write("db/uri", "postgresql://u@h/d");
  CHECK(locate(p).description() == "u@h:5432/d");
}

TEST_CASE("a client certificate alone will do for a user who is named elsewhere") {
  const Secret secret(Files{{"ca.crt", "ca"}, {"tls.crt", "c"}, {"tls.key", "k"}});
  CHECK(secret.locate({{"PGHOST", "h"}, {"PGUSER", "u"}}).description() == "u@h:5432/u");
}

TEST_CASE("what is read anew is new") {
  const TempDir dir;
  DatabasePlaces p = places({});
  p.directory = dir.path();
  dir.write("uri", "postgresql://u:old@h/d");
  CHECK(get(locate(p), "password") == "old");
  dir.write("uri", "postgresql://u:new@h/d");
  CHECK(get(locate(p), "password") == "new");
}

TEST_CASE("keys that have no value yet are waited for") {
  const ErrorInfo error = error_of([] {
    return Secret(Files{{"username", ""}, {"password", "\n"}}).locate();
  });
  CHECK(error.id == ErrorId::Unreachable);
  CHECK(holds(error.message, "without a value"));
}

TEST_CASE("keys of two generations are never mixed") {
  const auto of = [](const std::string& name) {
    return Files{{"host", "h"}, {"password", "of-" + name}, {"username", name}};
  };
  KubeletVolume volume(of("a"));
  DatabasePlaces p = places({});
  p.directory = volume.path();
  std::atomic<bool> done = false;
  std::thread kubelet([&] {
    for (int i = 1; !done; ++i) {
      volume.publish(of(i % 2 == 0 ? "a" : "b"));
      std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
  });
  int whole = 0;
  int refused = 0;  // on a machine that is too slow for so many generations
  static constexpr int kReads = 1000;
  for (int i = 0; i < kReads; ++i) {
    try {
      const auto read = locate(p);
      whole += get(read, "password") == "of-" + get(read, "user") ? 1 : 0;
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("while it is read") != std::string::npos);
      ++refused;
    }
  }
  done = true;
  kubelet.join();
  CHECK(whole > 0);
  CHECK(whole + refused == kReads);
}

TEST_CASE("a key that can't be read is named") {
  const TempDir dir;
  dir.write("uri/nested", "a directory in place of a file");
  DatabasePlaces p = places({});
  p.directory = dir.path();
  const ErrorInfo error = error_of([&] { return locate(p); });
  CHECK(error.id == ErrorId::BadConfiguration);
  CHECK(holds(error.message, dir.path().string() + "/uri"));
}

TEST_CASE("a mistake in a key names the file") {
  const ErrorInfo error = error_of([] {
    return Secret(Files{{"host", "h"}, {"user", "u"}, {"sslmode", "sometimes"}}).locate();
  });
  CHECK(error.id == ErrorId::BadDatabaseUrl);
  CHECK(holds(error.message, "/sslmode: sslmode must be one of"));
}
