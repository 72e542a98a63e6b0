// Secrets as the kubelet mounts them: in each operator's shape, late, in parts, swapped while they
// are read, and not for us to read.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "cli/headway.hpp"
#include "support/kubelet_volume.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

constexpr const char* kPassword = "S3cret:with@signs/and%";
constexpr const char* kEncoded = "S3cret%3Awith%40signs%2Fand%25";

TempCluster& cluster() {
  static TempCluster out({.tcp = true, .password = kPassword});
  return out;
}

const MigrationsDir& one_table() {
  static const MigrationsDir dir{{"1_t.sql", "create table t ();"}};
  return dir;
}

/// A database of its own and the ways to write down where it is.
struct Database {
  std::string direct = cluster().create_database();
  std::string name = value(direct, "select current_database()");
  std::string port = std::to_string(cluster().port());

  [[nodiscard]] std::string url(const std::string& password = kEncoded) const {
    return "postgresql://postgres:" + password + "@127.0.0.1:" + port + "/" + name;
  }
  [[nodiscard]] Keys keys(const std::string& password = kPassword) const {
    return {{"host", "127.0.0.1"},
            {"port", port},
            {"dbname", name},
            {"username", "postgres"},
            {"password", password}};
  }
  void check_migrated() const {
    CHECK(value(direct, "select count(*) from pg_tables where tablename = 't'") == "1");
  }
};

void check_silent(const Exit& exit) {
  for (const char* secret : {kPassword, kEncoded}) {
    CHECK((exit.out + exit.err).find(secret) == std::string::npos);
  }
}

Headway at(const KubeletVolume& volume) {
  return {"", one_table().path(), {{"HEADWAY_DATABASE_DIR", volume.path().string()}}};
}

void check_upgrades(const Keys& keys, const Database& database, const Variables& more = {}) {
  const KubeletVolume volume(keys);
  const Exit exit = at(volume)({"upgrade", "--auth-retry=0", "--connect-timeout=5s"}, more);
  INFO(exit.text());
  CHECK(exit.code == 0);
  check_silent(exit);
  database.check_migrated();
}

void check_ends_well(Process& process, const Database& database) {
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  check_silent(exit);
  database.check_migrated();
}

bool is_root() { return ::geteuid() == 0; }

}  // namespace

TEST_CASE("CloudNativePG's Secret") {
  const Database db;
  const std::string jdbc = "jdbc:postgresql://127.0.0.1:" + db.port + "/" + db.name +
                           "?password=" + kEncoded + "&user=postgres";
  check_upgrades({{"dbname", db.name},
                  {"fqdn-jdbc-uri", jdbc},
                  {"fqdn-uri", db.url()},
                  {"host", "127.0.0.1"},
                  {"jdbc-uri", jdbc},
                  {"password", kPassword},
                  {"pgpass", "127.0.0.1:" + db.port + ":" + db.name + ":postgres:ignored\n"},
                  {"port", db.port},
                  {"uri", db.url()},
                  {"user", "postgres"},
                  {"username", "postgres"}},
                 db);
}

TEST_CASE("CloudNativePG's Secret of the superuser, which names no database") {
  const Database db;
  check_upgrades(
      {{"dbname", "*"},
       {"host", "127.0.0.1"},
       {"password", kPassword},
       {"port", db.port},
       {"uri", "postgresql://postgres:" + std::string(kEncoded) + "@127.0.0.1:" + db.port + "/*"},
       {"username", "postgres"}},
      db, {{"PGDATABASE", db.name}});
}

TEST_CASE("Zalando's Secret, with the rest in variables") {
  const Database db;
  const Variables rest = {{"PGHOST", "127.0.0.1"}, {"PGPORT", db.port}, {"PGDATABASE", db.name}};
  check_upgrades({{"username", "postgres"}, {"password", kPassword}}, db, rest);
  const KubeletVolume volume(Keys{{"username", "postgres"}, {"password", kPassword}});
  const Exit exit = at(volume)({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 2);  // what is missing is not in the Secret's hands
  CHECK(exit.err.find("names no host, and neither does PGHOST") != std::string::npos);
}

TEST_CASE("Crunchy's Secret, never through its PgBouncer") {
  const Database db;
  const std::string bouncer = "postgresql://postgres:no@127.0.0.1:1/" + db.name;
  check_upgrades({{"dbname", db.name},
                  {"host", "127.0.0.1"},
                  {"jdbc-uri", "jdbc:postgresql://127.0.0.1:1/no"},
                  {"password", kPassword},
                  {"pgbouncer-host", "127.0.0.1"},
                  {"pgbouncer-jdbc-uri", "jdbc:postgresql://127.0.0.1:1/no"},
                  {"pgbouncer-port", "1"},
                  {"pgbouncer-uri", bouncer},
                  {"port", db.port},
                  {"uri", db.url()},
                  {"user", "postgres"},
                  {"verifier", "SCRAM-SHA-256$4096:x$x:x"}},
                 db);
}

TEST_CASE("plain keys, with line ends as echo leaves them") {
  const Database db;
  check_upgrades({{"PGHOST", "127.0.0.1\n"},
                  {"PGPORT", db.port + "\n"},
                  {"PGDATABASE", db.name + "\n"},
                  {"PGUSER", "postgres\n"},
                  {"PGPASSWORD", kPassword + std::string("\n")}},
                 db);
  const Database other;
  check_upgrades({{"DATABASE_URL", other.url() + "\n"}}, other);
}

TEST_CASE("an optional Secret that is not there yet is waited for, and told of") {
  const Database db;
  KubeletVolume volume;
  Process process(at(volume).command({"upgrade"}));
  process.wait_for_output("waiting for the Secret at " + volume.path().string() + ": it is empty");
  volume.publish(db.keys());
  check_ends_well(process, db);
}

TEST_CASE("a Secret that never comes is 10 within --connect-timeout") {
  const KubeletVolume volume;
  const Exit exit = at(volume)({"upgrade", "--connect-timeout=500ms"});
  INFO(exit.text());
  CHECK(exit.code == 10);
  CHECK(exit.err.find("Create the Secret, or check the name") != std::string::npos);
  const Headway nowhere{"", one_table().path(), {{"HEADWAY_DATABASE_DIR", "/nonexistent/db"}}};
  CHECK(nowhere({"upgrade", "--connect-timeout=0"}).code == 10);
}

TEST_CASE("a Secret that comes in parts is waited for until it names a user") {
  const Database db;
  // A ConfigMap and an optional Secret in one projected volume; the Secret itself comes in two
  // steps.
  KubeletVolume volume(Keys{{"host", "127.0.0.1"}, {"port", db.port}, {"dbname", db.name}});
  Process process(at(volume).command({"upgrade"}));
  process.wait_for_output("without a key that names a user");
  Keys half = db.keys();
  half.back().second.clear();
  volume.publish(half);
  process.wait_for_output("no password supplied");
  volume.publish(db.keys());
  check_ends_well(process, db);
}

TEST_CASE("a Secret whose keys are still empty, and one of certificates alone, are waited for") {
  const Database db;
  KubeletVolume volume(Keys{{"host", ""}, {"username", ""}, {"password", ""}});
  Process process(at(volume).command({"upgrade"}, {{"PGSSLMODE", "disable"}}));
  process.wait_for_output("it is without a value");
  volume.publish({{"ca.crt", "of no use here"}});
  process.wait_for_output("without a key that names a user");
  Keys keys = db.keys();
  keys.emplace_back("ca.crt", "of no use here");
  volume.publish(keys);
  check_ends_well(process, db);
}

TEST_CASE("a password that rotates is read again: refused, then let in") {
  const Database db;
  KubeletVolume volume(db.keys("stale"));
  Process process(at(volume).command({"upgrade"}));
  process.wait_for_output("28P01");
  volume.publish(db.keys());
  check_ends_well(process, db);
}

TEST_CASE("a process that connects again and again takes each new password") {
  const Database db;
  const std::string role = unique_name("rotating");
  const auto rotate = [&](const std::string& password) {
    exec(db.direct, "alter role " + role + " password '" + password + "'");
  };
  const auto keys = [&](const std::string& password) {
    Keys out = db.keys(password);
    out[3].second = role;
    return out;
  };
  exec(db.direct, "create role " + role + " login superuser");
  rotate("one");
  KubeletVolume volume(keys("one"));
  Process process(at(volume).command({"wait", "--timeout=60s", "--log-level=debug"}));
  process.wait_for_output("not yet");
  rotate("two");
  process.wait_for_output("password authentication failed");
  volume.publish(keys("two"));
  Keys own = db.keys();
  const KubeletVolume migrator(own);
  CHECK(at(migrator)({"upgrade"}).code == 0);
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  exec(db.direct, "drop role " + role);
}

TEST_CASE("a URL in a file is waited for while it is missing or empty, and read anew") {
  const Database db;
  KubeletVolume volume;
  const Headway headway{
      "", one_table().path(), {{"HEADWAY_DATABASE_URL_FILE", volume.path("url")}}};
  Process process(headway.command({"upgrade"}));
  process.wait_for_output("HEADWAY_DATABASE_URL_FILE: waiting for the Secret at " +
                          volume.path("url") + ": it is missing");
  volume.publish({{"url", "\n"}});
  process.wait_for_output("it is empty");
  volume.publish({{"url", db.url("stale")}});
  process.wait_for_output("28P01");
  volume.publish({{"url", db.url() + "\n"}});
  check_ends_well(process, db);
}

TEST_SUITE("as a pod's user" * doctest::skip(!is_root())) {
  TEST_CASE("a Secret that may not be read is 2 at once and says which mode it needs") {
    static const TempDir dir{"hw-bin"};
    const auto binary = dir.path() / "headway";
    std::filesystem::copy_file(Headway{}.command({}).args.front(), binary);
    const Database db;
    Keys keys = db.keys();
    keys.emplace_back("url", db.url());
    struct Try {
      VolumeOptions options;
      const char* groups;
      int code;
    };
    for (const Try& mount : {Try{{.default_mode = 0400}, "--clear-groups", 2},
                             Try{{.default_mode = 0440}, "--clear-groups", 2},
                             Try{{.default_mode = 0440, .fs_group = 2000}, "--groups=2000", 0},
                             Try{{.default_mode = 0400, .fs_group = 2000}, "--groups=2000", 0},
                             Try{{.default_mode = 0644}, "--clear-groups", 0}}) {
      CAPTURE(mount.options.default_mode);
      const KubeletVolume volume(keys, mount.options);
      for (const Variables& place :
           {Variables{{"HEADWAY_DATABASE_DIR", volume.path().string()}},
            Variables{{"HEADWAY_DATABASE_URL_FILE", volume.path("url")}}}) {
        const Headway headway{"", one_table().path(), place};
        Command command = headway.command({"status"});
        command.args.front() = binary.string();
        const std::vector<std::string> identity = {"setpriv", "--reuid=65532", "--regid=65532",
                                                   mount.groups};
        command.args.insert(command.args.begin(), identity.begin(), identity.end());
        const Exit exit = run(command);
        INFO(exit.text());
        CHECK(exit.code == mount.code);
        const bool told =
            exit.err.find("defaultMode 0440 and the pod an fsGroup") != std::string::npos;
        CHECK(told == (mount.code == 2));
        check_silent(exit);
      }
    }
  }
}
