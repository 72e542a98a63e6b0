// The binary where nothing else is: a root directory as a `FROM scratch` image has it, with what a
// container runtime and a Secret put there, a numeric user who may write nowhere, and no HOME.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/headway.hpp"
#include "support/name_server.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

constexpr uid_t kUser = 65532;

/// chroot, and port 53, are root's.
bool is_root() { return ::geteuid() == 0; }

class ScratchRoot {
 public:
  ScratchRoot() {
    std::filesystem::copy_file(Headway{}.command({}).args.front(), dir_.path() / "headway");
    write("migrations/1_a.sql", "create table a ();");
  }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    return dir_.write(name, text);
  }

  [[nodiscard]] Exit run(const std::vector<std::string>& args,
                         const Variables& variables = {}) const {
    Command command = Headway{}.command(args, variables);
    command.args.front() = "/headway";
    const std::vector<std::string> chroot = {"/usr/sbin/chroot", "--userspec=65532:65532",
                                             dir_.path().string()};
    command.args.insert(command.args.begin(), chroot.begin(), chroot.end());
    return headway::testing::run(command);
  }

  /// Runs an upgrade; its output if it did not bring the database to its head.
  void check_upgrade(const std::string& url) const {
    const Exit exit = run({"upgrade", "--connect-timeout=10s"}, {{"HEADWAY_DATABASE_URL", url}});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(exit.out.find("The database is at 1") != std::string::npos);
  }

 private:
  TempDir dir_{"hw-root"};
};

/// A server that insists on TLS and a password, known by two names.
class Server {
 public:
  Server()
      : cluster_({.tcp = true,
                  .password = kPassword,
                  .hba = {"hostssl all all 127.0.0.1/32 scram-sha-256",
                          "host all all 127.0.0.1/32 reject"},
                  .start = false}) {
    const std::string key = (cluster_.data_directory() / "server.key").string();
    const std::string certificate = (cluster_.data_directory() / "server.crt").string();
    const Exit made =
        run({.args = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                      "-out", certificate, "-days", "2", "-subj", "/CN=db.test", "-addext",
                      "subjectAltName=DNS:hosts.test,DNS:dns.test,IP:127.0.0.1"}});
    REQUIRE_MESSAGE(made.code == 0, made.text());
    REQUIRE(run({.args = {"chown", "postgres", key, certificate}}).code == 0);
    cluster_.configure("ssl", "on");
    cluster_.start();
    certificate_ = read_file(certificate);
  }

  [[nodiscard]] std::string new_database() { return database_of(cluster_.create_database()); }
  [[nodiscard]] std::string url(const std::string& host, const std::string& database,
                                const std::string& password = std::string(":") + kPassword) const {
    return "postgresql://postgres" + password + "@" + host + ":" + std::to_string(cluster_.port()) +
           "/" + database;
  }
  static constexpr const char* kPassword = "s3cret";
  [[nodiscard]] const std::string& certificate() const { return certificate_; }

 private:
  TempCluster cluster_;
  std::string certificate_;
};

}  // namespace

TEST_SUITE("in a root directory that holds only the binary" * doctest::skip(!is_root())) {
  TEST_CASE("what needs no database works") {
    const ScratchRoot root;
    CHECK(root.run({"version"}).code == 0);
    CHECK(root.run({"help"}).out.find("Usage") != std::string::npos);
    CHECK(root.run({"validate"}).code == 0);
    CHECK(root.run({"completion", "bash"}).code == 0);
    const Exit nowhere = root.run({"upgrade"});
    INFO(nowhere.text());
    CHECK(nowhere.code == 2);  // and not a word of user names and home directories
  }

  TEST_CASE("a server is reached by its address and by its name") {
    Server server;
    const NameServer names("dns.test", "127.0.0.1");
    const ScratchRoot root;
    root.write("etc/hosts", "127.0.0.1 localhost\n127.0.0.1 hosts.test\n");
    root.write("etc/resolv.conf", "search svc.cluster.local cluster.local\nnameserver " +
                                      names.address() + "\noptions ndots:5\n");
    for (const char* host : {"127.0.0.1", "localhost", "hosts.test", "dns.test"}) {
      CAPTURE(host);
      root.check_upgrade(server.url(host, server.new_database()));
    }

    const Exit unknown =
        root.run({"status", "--connect-timeout=1s"},
                 {{"HEADWAY_DATABASE_URL", server.url("no-such-host.test", "postgres")}});
    INFO(unknown.text());
    CHECK(unknown.code == 10);
    CHECK(unknown.err.find("no-such-host.test") != std::string::npos);
  }

  TEST_CASE("the image's bundle of certificates vouches for the server") {
    Server server;
    const ScratchRoot root;
    root.write("etc/hosts", "127.0.0.1 hosts.test other.test\n");
    root.write("etc/ssl/certs/ca-certificates.crt", server.certificate());
    const std::string database = server.new_database();
    root.check_upgrade(server.url("hosts.test", database) + "?sslrootcert=system");
    const Exit other = root.run(
        {"status", "--connect-timeout=1s"},
        {{"HEADWAY_DATABASE_URL", server.url("other.test", database) + "?sslrootcert=system"}});
    INFO(other.text());
    CHECK(other.code != 0);
    CHECK(other.err.find("certificate") != std::string::npos);
  }

  TEST_CASE("modules that nsswitch.conf names, and that can't be there, are not needed") {
    Server server;
    const ScratchRoot root;
    root.write("etc/nsswitch.conf",
               "passwd: sss systemd\nhosts: mymachines files myhostname dns\n");
    root.write("etc/hosts", "127.0.0.1 hosts.test\n");
    // HOME is not set: the user's home directory stands in /etc/passwd, its .pgpass the password.
    root.write("etc/passwd", "root:x:0:0::/:/\napp:x:65532:65532::/home/app:/\n");
    const auto pgpass = root.write("home/app/.pgpass", std::string("*:*:*:*:") + Server::kPassword);
    std::filesystem::permissions(pgpass, std::filesystem::perms::owner_read);
    REQUIRE(::chown(pgpass.c_str(), kUser, kUser) == 0);
    root.check_upgrade(server.url("hosts.test", server.new_database(), ""));
  }
}
