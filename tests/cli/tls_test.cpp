// TLS as production has it: who the server is, who we are, and what is said when either is in
// doubt.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <initializer_list>

#include "cli/headway.hpp"
#include "cli/tls_server.hpp"
#include "support/authority.hpp"
#include "support/kubelet_volume.hpp"
#include "support/sql.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;
using namespace std::chrono_literals;

namespace {

/// Once for this executable: the authorities, and a server whose certificate is right.
struct Production {
  Authority servers{"Servers"};
  Authority clients{"Clients"};
  Authority strangers{"Strangers"};
  Issued right = servers.issue(named_right());
  Issued client = clients.issue({.common_name = "certified"});
  TempDir files{"hw-tls"};
  TlsServer server{clients};

  Production() {
    files.write("ca.crt", servers.certificate());
    files.write("strangers.crt", strangers.certificate());
    server.use(right);
  }

  static CertificateOptions named_right() {
    return {.common_name = "db.test", .names = {"DNS:db.test", "DNS:localhost", "IP:127.0.0.1"}};
  }
  [[nodiscard]] std::string path(const char* name) const { return files.path() / name; }
  [[nodiscard]] std::string ca() const { return "&sslrootcert=" + path("ca.crt"); }
};

Production& production() {
  static Production out;
  return out;
}

const MigrationsDir& one_table() {
  static const MigrationsDir dir{{"1_t.sql", "create table t ();"}};
  return dir;
}

/// One attempt to look at the database.
Exit look(const std::string& url) {
  const Headway headway{url, one_table().path()};
  return headway({"status", "--auth-retry=0", "--connect-timeout=0"});
}

void check_connects(const std::string& parameters, const std::string& host = TlsServer::kHost,
                    const std::string& user = "postgres:tls-s3cret") {
  CAPTURE(parameters);
  CAPTURE(host);
  const Exit exit = look(production().server.url(parameters, host, user));
  INFO(exit.text());
  CHECK(exit.code == 0);
}

void check_refused(const Exit& exit, int code, const std::string& id,
                   std::initializer_list<const char*> parts) {
  INFO(exit.text());
  CHECK(exit.code == code);
  CHECK(exit.err.find("\"error_id\":\"" + id + "\"") != std::string::npos);
  for (const char* part : parts) {
    CAPTURE(std::string(part));
    CHECK(exit.err.find(part) != std::string::npos);
  }
  CHECK((exit.out + exit.err).find(TlsServer::kPassword) == std::string::npos);
}

void check_refused(const std::string& parameters, int code, const std::string& id,
                   std::initializer_list<const char*> parts,
                   const std::string& host = TlsServer::kHost,
                   const std::string& user = "postgres:tls-s3cret") {
  CAPTURE(parameters);
  check_refused(look(production().server.url(parameters, host, user)), code, id, parts);
}

/// The server shows `identity` as long as this lives.
class Showing {
 public:
  explicit Showing(const Issued& identity) { production().server.use(identity); }
  Showing(const Showing&) = delete;
  Showing& operator=(const Showing&) = delete;
  ~Showing() { production().server.use(production().right); }
};

bool is_root() { return ::geteuid() == 0; }

}  // namespace

TEST_CASE("the server that the authority vouches for, by each of its names, is trusted") {
  for (const char* host : {"db.test", "localhost", "127.0.0.1"}) {
    check_connects("sslmode=verify-full" + production().ca(), host);
  }
}

TEST_CASE("a server by another name is refused where the name counts") {
  check_refused("sslmode=verify-full" + production().ca(), 24, "untrusted-server",
                {"does not match host name \\\"other.test\\\"", "db.test", "subjectAltName"},
                "other.test");
  check_connects("sslmode=verify-ca" + production().ca(), "other.test");
}

TEST_CASE("a server that a stranger vouches for is refused, also by require with an authority") {
  for (const char* mode : {"verify-full", "verify-ca", "require"}) {
    check_refused(
        "sslmode=" + std::string(mode) + "&sslrootcert=" + production().path("strangers.crt"), 24,
        "untrusted-server",
        {"certificate verify failed: unable to get local issuer certificate",
         "Name the authority that signed"});
  }
  check_connects("sslmode=require" + production().ca(), "other.test");  // libpq: as verify-ca
  check_connects("sslmode=require", "other.test");
}

TEST_CASE("a certificate out of its time is refused, and it is said which way") {
  {
    CertificateOptions old = Production::named_right();
    old.valid_from = -48h;
    old.valid_until = -24h;
    const Showing showing(production().servers.issue(old));
    check_refused("sslmode=verify-full" + production().ca(), 24, "untrusted-server",
                  {"certificate has expired", "Renew the server's certificate"});
  }
  CertificateOptions young = Production::named_right();
  young.valid_from = 24h;
  young.valid_until = 48h;
  const Showing showing(production().servers.issue(young));
  check_refused("sslmode=verify-full" + production().ca(), 24, "untrusted-server",
                {"certificate is not yet valid", "clocks"});
}

TEST_CASE("a list of revoked certificates counts, and one that can't be read is not passed over") {
  Production& p = production();
  const TempDir& files = p.files;
  const std::string verify = "sslmode=verify-full" + p.ca() + "&sslcrl=";
  files.write("others.crl", p.servers.revocation_list({4711}));
  check_connects(verify + p.path("others.crl"));
  files.write("ours.crl", p.servers.revocation_list({4711, p.right.serial}));
  check_refused(verify + p.path("ours.crl"), 24, "untrusted-server",
                {"certificate revoked", "Renew the server's certificate"});
  files.write("old.crl", p.servers.revocation_list({}, -24h));
  check_refused(verify + p.path("old.crl"), 24, "untrusted-server",
                {"CRL has expired", "sslcrl must hold a current list"});
  files.write("strangers.crl", p.strangers.revocation_list({}));
  check_refused(verify + p.path("strangers.crl"), 24, "untrusted-server",
                {"unable to get certificate CRL", "sslcrl must hold a current list"});
  files.write("broken.crl", "-----BEGIN X509 CRL-----\nbroken\n-----END X509 CRL-----\n");
  check_refused(verify + p.path("broken.crl"), 2, "bad-configuration",
                {"broken.crl holds no list of revoked certificates"});
}

TEST_CASE("an authority's file that is not there, empty, no certificate or not named") {
  Production& p = production();
  for (const char* mode : {"verify-full", "require", "prefer"}) {
    check_refused("sslmode=" + std::string(mode) + "&sslrootcert=" + p.path("none.crt"), 10,
                  "unreachable", {"sslrootcert: waiting for the file ", "none.crt: it is missing"});
  }
  p.files.write("empty.crt", "");
  check_refused("sslmode=verify-full&sslrootcert=" + p.path("empty.crt"), 10, "unreachable",
                {"empty.crt: it is empty"});
  p.files.write("text.crt", "not a certificate\n");
  check_refused("sslmode=verify-full&sslrootcert=" + p.path("text.crt"), 24, "untrusted-server",
                {"could not read root certificate file", "text.crt"});
  check_refused("sslmode=verify-full", 2, "bad-configuration", {"sslrootcert=system"});
  const auto with_home = [&](const std::filesystem::path& home) {
    const Headway headway{p.server.url("sslmode=verify-full"), one_table().path()};
    return headway({"status", "--auth-retry=0"}, {{"HOME", home.string()}});
  };
  const TempDir home{"hw-home"};
  const Exit missing = with_home(home.path());
  check_refused(missing, 2, "bad-configuration", {"root.crt\\\" does not exist", "sslrootcert"});
  CHECK(missing.err.find("change sslmode") == std::string::npos);  // libpq's own advice
  home.write(".postgresql/root.crt", p.servers.certificate());
  CHECK(with_home(home.path()).code == 0);
}

TEST_CASE("an address alone has no name to check") {
  check_refused(look("hostaddr=127.0.0.1 port=" + std::to_string(production().server.port()) +
                     " user=postgres password=tls-s3cret sslmode=verify-full sslrootcert=" +
                     production().path("ca.crt")),
                2, "bad-configuration", {"Name the server with host="});
}

TEST_CASE("sslrootcert=system means the machine's bundle and verify-full") {
  Production& p = production();
  const auto upgrade = [&](const char* bundle, const char* host) {
    const Headway headway{p.server.url("sslrootcert=system", host), one_table().path()};
    return headway({"status", "--auth-retry=0"}, {{"SSL_CERT_FILE", p.path(bundle)}});
  };
  CHECK(upgrade("ca.crt", "db.test").code == 0);
  check_refused(upgrade("ca.crt", "other.test"), 24, "untrusted-server", {"other.test"});
  check_refused(upgrade("strangers.crt", "db.test"), 24, "untrusted-server", {"local issuer"});
}

TEST_CASE("a server without TLS is refused where TLS is asked for") {
  TempCluster plain({.tcp = true});
  for (const std::string& parameters :
       {std::string("sslmode=require"), "sslmode=verify-full" + production().ca()}) {
    check_refused(look(plain.tcp_url() + "?" + parameters), 24, "tls-unavailable",
                  {"server does not support SSL", "Turn TLS on in the server"});
  }
  CHECK(look(plain.tcp_url() + "?sslmode=prefer").code == 0);
}

TEST_CASE("a version of TLS that one side does not speak is told as such") {
  production().server.set("ssl_min_protocol_version", "TLSv1.3");
  check_refused("sslmode=require&ssl_max_protocol_version=TLSv1.2", 24, "tls-unavailable",
                {"alert protocol version", "ssl_min_protocol_version"});
  production().server.set("ssl_min_protocol_version", "TLSv1.2");
}

TEST_CASE("a server that insists on TLS says so to who does not offer it") {
  check_refused("sslmode=disable", 24, "authentication-failed",
                {"28000", "no encryption", "set sslmode=verify-full"});
}

TEST_CASE("what a certificate can't cure within connect-timeout ends after --auth-retry") {
  const Headway headway{production().server.url("sslmode=verify-full&sslrootcert=" +
                                                production().path("strangers.crt")),
                        one_table().path()};
  const Exit exit = headway({"upgrade", "--auth-retry=500ms", "--connect-timeout=10m"});
  check_refused(exit, 24, "untrusted-server", {"gave up after", "\"event\":\"connect_failed\""});
  CHECK(exit.duration < 20s);
}

// With TLS 1.3 a client hears of its certificate only after the handshake.
TEST_CASE("a client certificate: none, a stranger's, an expired one, another's, the right one") {
  Production& p = production();
  for (const char* version : {"TLSv1.2", "TLSv1.3"}) {
    CAPTURE(std::string(version));
    const std::string base =
        "sslmode=verify-full" + p.ca() + "&ssl_max_protocol_version=" + version;
    const auto with = [&](const std::string& name, const Issued& issued) {
      p.files.write(name + ".crt", issued.certificate);
      const auto key = p.files.write(name + ".key", issued.key);
      std::filesystem::permissions(key, std::filesystem::perms::owner_all);
      return base + "&sslcert=" + p.path((name + ".crt").c_str()) + "&sslkey=" + key.string();
    };
    const auto refused = [&](const std::string& parameters,
                             std::initializer_list<const char*> parts) {
      check_refused(parameters, 24, "authentication-failed", parts, "db.test", "certified");
    };
    refused(base, {"client certificate", "28000", "sslcert and sslkey"});
    refused(with("stranger", p.strangers.issue({.common_name = "certified"})),
            {"unknown ca", "ssl_ca_file"});
    CertificateOptions old{.common_name = "certified", .valid_from = -48h, .valid_until = -24h};
    refused(with("expired", p.clients.issue(old)), {"certificate expired", "ssl_ca_file"});
    refused(with("other", p.clients.issue({.common_name = "other"})),
            {"certificate authentication failed", "28000"});
    check_connects(with("right", p.client), "db.test", "certified");
    const std::string doubly = with("doubly", p.clients.issue({.common_name = "doubly"}));
    check_connects(doubly, "db.test", "doubly:tls-s3cret");
    check_refused(doubly, 24, "authentication-failed", {"28P01"}, "db.test", "doubly:wrong");
  }
}

TEST_CASE("a client certificate that the server's list revokes is refused") {
  Production& p = production();
  const Issued revoked = p.clients.issue({.common_name = "certified"});
  p.server.revoke(p.clients.revocation_list({revoked.serial}));
  p.files.write("revoked.crt", revoked.certificate);
  const auto key = p.files.write("revoked.key", revoked.key);
  std::filesystem::permissions(key, std::filesystem::perms::owner_read);
  check_refused("sslmode=verify-full" + p.ca() + "&sslcert=" + p.path("revoked.crt") +
                    "&sslkey=" + key.string(),
                24, "authentication-failed", {"certificate revoked", "sslcert"}, "db.test",
                "certified");
}

TEST_CASE("a client's files that can't be right are told apart") {
  Production& p = production();
  const TempDir dir{"hw-key"};
  const std::string base = "sslmode=verify-full" + p.ca() +
                           "&sslcert=" + dir.write("tls.crt", p.client.certificate).string() +
                           "&sslkey=";
  const auto key = [&](const std::string& text) {
    const auto path = dir.write("tls.key", text);
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path.string();
  };
  const auto refused = [&](const std::string& parameters, int code, const std::string& id,
                           std::initializer_list<const char*> parts) {
    check_refused(parameters, code, id, parts, "db.test", "certified");
  };
  refused(base + (dir.path() / "none.key").string(), 10, "unreachable",
          {"none.key: it is missing"});
  refused(base + key(""), 10, "unreachable", {"tls.key: it is empty"});
  refused(base + key("nonsense"), 24, "authentication-failed", {"could not load private key file"});
  refused(base + key(p.right.key), 24, "authentication-failed",
          {"key values mismatch", "belong together"});
  const std::string encrypted = base + key(encrypt_key(p.client.key, "pass-s3cret"));
  refused(encrypted, 2, "bad-configuration", {"is encrypted, and there is no sslpassword"});
  const Exit wrong =
      look(p.server.url(encrypted + "&sslpassword=wr0ng-pass", "db.test", "certified"));
  check_refused(wrong, 24, "authentication-failed", {"could not load private key file"});
  CHECK((wrong.out + wrong.err).find("wr0ng") == std::string::npos);
  check_connects(encrypted + "&sslpassword=pass-s3cret", "db.test", "certified");
  refused(base + dir.path().string(), 2, "bad-configuration", {"it is not a plain file"});
  const std::string cert = "sslmode=verify-full" + p.ca() +
                           "&sslcert=" + dir.write("bad.crt", "nonsense").string() + "&sslkey=";
  refused(cert + key(p.client.key), 24, "authentication-failed",
          {"could not read certificate file"});
}

TEST_SUITE("as a pod's user" * doctest::skip(!is_root())) {
  /// Runs the binary as 65532, with `groups` besides.
  Exit look_as_pod(const Variables& variables, const std::string& groups = {}) {
    static const TempDir dir{"hw-bin"};
    const auto binary = dir.path() / "headway";
    if (!std::filesystem::exists(binary)) {
      std::filesystem::copy_file(Headway{}.command({}).args.front(), binary);
    }
    const Headway headway{"", one_table().path(), variables};
    Command command = headway.command({"status", "--auth-retry=0", "--connect-timeout=0"});
    command.args.front() = binary.string();
    const std::vector<std::string> identity = {
        "setpriv", "--reuid=65532", "--regid=65532",
        groups.empty() ? "--clear-groups" : "--groups=" + groups};
    command.args.insert(command.args.begin(), identity.begin(), identity.end());
    return run(command);
  }

  Keys mounted() {
    Production& p = production();
    return {{"host", "localhost"},
            {"port", std::to_string(p.server.port())},
            {"dbname", "postgres"},
            {"username", "certified"},
            {"ca.crt", p.servers.certificate()},
            {"tls.crt", p.client.certificate},
            {"tls.key", p.client.key}};
  }

  TEST_CASE(
      "a client certificate beside the credentials works with the modes that Kubernetes gives") {
    struct Mount {
      mode_t default_mode;
      std::optional<gid_t> fs_group;
    };
    for (const Mount& mount :
         {Mount{0644, {}}, Mount{0444, {}}, Mount{0644, 2000}, Mount{0444, 2000}, Mount{0440, 2000},
          Mount{0640, 2000}, Mount{0400, 2000}, Mount{0600, 2000}, Mount{0755, {}}}) {
      CAPTURE(mount.default_mode);
      const KubeletVolume volume(mounted(),
                                 {.default_mode = mount.default_mode, .fs_group = mount.fs_group});
      const Exit exit = look_as_pod({{"HEADWAY_DATABASE_DIR", volume.path().string()}},
                                    mount.fs_group ? std::to_string(*mount.fs_group) : "");
      INFO(exit.text());
      CHECK(exit.code == 0);
    }
  }

  TEST_CASE("a mount that this user may not read says which mode to give it") {
    const KubeletVolume volume(mounted(), {.default_mode = 0400});
    const Exit exit = look_as_pod({{"HEADWAY_DATABASE_DIR", volume.path().string()}});
    check_refused(exit, 2, "bad-configuration",
                  {"Permission denied (mode 0400, owner 0:0; Headway runs as 65532:65532)",
                   "defaultMode 0440", "fsGroup"});
  }

  TEST_CASE("a key that others may read, and that is not root's, is refused with what to do") {
    const KubeletVolume own(mounted());
    const auto key = std::filesystem::canonical(own.path("tls.key"));
    REQUIRE(::chown(key.c_str(), 65532, 65532) == 0);
    check_refused(
        look_as_pod({{"HEADWAY_DATABASE_DIR", own.path().string()}}), 2, "bad-configuration",
        {"may be read by others, and is not root's (mode 0644, owner 65532:65532)", "chmod 0600"});
    const KubeletVolume writable(mounted(), {.default_mode = 0666});
    check_refused(look_as_pod({{"HEADWAY_DATABASE_DIR", writable.path().string()}}), 2,
                  "bad-configuration", {"may be changed by others than root", "mode 0666"});
  }

  TEST_CASE("an error about a key that was copied names the mounted file") {
    Keys keys = mounted();
    keys.back().second = production().right.key;
    const KubeletVolume volume(keys);
    const Exit exit = look_as_pod({{"HEADWAY_DATABASE_DIR", volume.path().string()}});
    check_refused(exit, 24, "authentication-failed",
                  {"key values mismatch", volume.path("tls.key").c_str()});
    CHECK(exit.err.find("/proc/") == std::string::npos);
  }
}

TEST_CASE("a ca.crt beside the credentials means verify-full, unless a word is said about it") {
  Production& p = production();
  const auto status = [&](const char* host, const Authority& authority,
                          const Variables& more = {}) {
    const KubeletVolume volume(
        {{"uri", p.server.url("", host)}, {"ca.crt", authority.certificate()}});
    const Headway headway{
        "", one_table().path(), {{"HEADWAY_DATABASE_DIR", volume.path().string()}}};
    return headway({"status", "--auth-retry=0", "--connect-timeout=0"}, more);
  };
  CHECK(status("db.test", p.servers).code == 0);
  check_refused(status("other.test", p.servers), 24, "untrusted-server", {"other.test"});
  check_refused(status("db.test", p.strangers), 24, "untrusted-server", {"local issuer"});
  CHECK(status("other.test", p.servers, {{"PGSSLMODE", "verify-ca"}}).code == 0);
  CHECK(status("db.test", p.strangers, {{"PGSSLROOTCERT", p.path("ca.crt")}}).code == 0);
}

TEST_CASE("an authority and a certificate that rotate on disk are read anew at the next attempt") {
  Production& p = production();
  const std::string database = p.server.new_database();
  const std::string url = p.server.url("");
  const auto keys = [&](const Authority& authority, const Issued& client) {
    return Keys{{"host", "localhost"},
                {"port", std::to_string(p.server.port())},
                {"dbname", value(database, "select current_database()")},
                {"username", "certified"},
                {"ca.crt", authority.certificate()},
                {"tls.crt", client.certificate},
                {"tls.key", client.key}};
  };
  exec(database, "grant create on database " + value(database, "select current_database()") +
                     " to certified; grant create on schema public to certified");
  KubeletVolume volume(keys(p.strangers, p.client), {.default_mode = 0600});
  const Headway headway{"", one_table().path(), {{"HEADWAY_DATABASE_DIR", volume.path().string()}}};
  Process process(headway.command({"upgrade"}));
  process.wait_for_output("local issuer certificate");
  volume.publish(keys(p.servers, p.strangers.issue({.common_name = "certified"})));
  process.wait_for_output("unknown ca");
  volume.publish(keys(p.servers, p.client));
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(database, "select count(*) from pg_tables where tablename = 't'") == "1");
}

TEST_CASE("a server over the network that need not prove who it is is warned of, once") {
  constexpr const char* kWarning = "\"warning_id\":\"unverified-server\"";
  const auto warnings = [&](const std::string& url, const Variables& more = {}) {
    const Headway headway{url, one_table().path(), more};
    const Exit exit = headway({"status", "--connect-timeout=300ms", "--auth-retry=0"});
    std::size_t count = 0;
    for (auto at = exit.err.find(kWarning); at != std::string::npos;
         at = exit.err.find(kWarning, at + 1)) {
      ++count;
    }
    if (count > 0) {
      INFO(exit.text());
      CHECK(exit.err.find("sslmode=verify-full") != std::string::npos);
      CHECK(exit.err.find("s3cret") == std::string::npos);
    }
    return count;
  };
  // Addresses that lead nowhere: whether it is said does not depend on an answer.
  const std::string remote = "postgresql://u:s3cret@192.0.2.1/d?connect_timeout=1";
  CHECK(warnings(remote) == 1);
  for (const char* mode : {"disable", "allow", "prefer", "require"}) {
    CAPTURE(std::string(mode));
    CHECK(warnings(remote + "&sslmode=" + mode) == 1);
  }
  CHECK(warnings("postgresql://u:s3cret@no-such-host.invalid/d") == 1);
  CHECK(warnings("postgresql://u@localhost,192.0.2.1/d?connect_timeout=1") == 1);
  const std::string ca = production().ca();
  for (const char* mode : {"verify-ca", "verify-full", "require"}) {
    CAPTURE(std::string(mode));
    CHECK(warnings(remote + "&sslmode=" + mode + ca) == 0);
  }
  CHECK(warnings(remote + "&sslmode=prefer" + ca) == 1);  // which goes on without TLS
  for (const char* local :
       {"postgresql://u@localhost:1/d", "postgresql://u@127.0.0.1:1/d", "postgresql://u@[::1]:1/d",
        "postgresql://u@/d?host=/nonexistent", "postgresql://u@db.test:1/d?hostaddr=127.0.0.2"}) {
    CAPTURE(std::string(local));
    CHECK(warnings(local) == 0);
  }
}
