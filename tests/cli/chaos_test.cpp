// Upgrades that are killed, stopped and cut off at random moments until one gets through: each
// migration is applied once, whatever came before.
//
//   HEADWAY_CHAOS_ROUNDS  databases to bring to head, default 4
//   HEADWAY_CHAOS_SEED    default: another one each time; it is printed when something is wrong
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

constexpr int kTables = 60;
constexpr int kBlows = 4;  // then it is left alone

unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise
                                          : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

const MigrationsDir& migrations() {
  static const MigrationsDir dir = [] {
    std::vector<std::pair<std::string, std::string>> files;
    for (int i = 1; i <= kTables; ++i) {
      const std::string n = std::to_string(i);
      files.emplace_back(n + "_t.sql", "create table t" + n +
                                           " (id int primary key, v text);\ninsert into t" + n +
                                           " select g, 'x' from generate_series(1, 200) g;");
    }
    files.emplace_back(std::to_string(kTables + 1) + "_i.sql",
                       "-- headway: transaction=none\n"
                       "create index concurrently if not exists t1_v on t1 (v);\n");
    files.emplace_back(std::to_string(kTables + 2) + "_b.sql",
                       "-- headway: batch=t2 key=id size=7\n"
                       "update t2 set v = v || 'y' where id between :batch_first and :batch_last;\n"
                       "create index concurrently if not exists t2_v on t2 (v);\n"
                       "-- headway: batch=t3 key=id size=11\n"
                       "insert into t4 select 1000 + id, v from t3 where id between :batch_first "
                       "and :batch_last;\n");
    files.emplace_back("R__view.sql", "create or replace view all_of_t1 as select * from t1");
    return MigrationsDir(files);
  }();
  return dir;
}

class Chaos {
 public:
  explicit Chaos(unsigned seed) : random_(seed) {}

  /// Whatever happens to a pod, at a moment that nobody chose.
  void strike(const Process& process, const std::string& url) {
    std::this_thread::sleep_for(std::chrono::microseconds(below(120'000)));
    switch (below(5)) {
      case 0: process.send_signal(SIGTERM); break;
      case 1:
        exec(url,
             "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
             "current_database() and pid <> pg_backend_pid()");
        break;
      default: process.send_signal(SIGKILL);
    }
  }

 private:
  unsigned below(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(random_);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("whatever ends a run at any moment, the next ones end at head, each migration once") {
  const unsigned rounds = number_from("HEADWAY_CHAOS_ROUNDS", 4);
  const unsigned seed = number_from("HEADWAY_CHAOS_SEED", std::random_device{}());
  CAPTURE(seed);
  Chaos chaos(seed);
  for (unsigned round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const Headway headway{TempCluster::shared().create_database(), migrations().path()};
    for (int run = 0;; ++run) {
      Process process(headway.command({"upgrade"}));
      if (run < kBlows) chaos.strike(process, headway.url);
      const Exit exit = process.wait();
      if (exit.code == 0) break;
      INFO(exit.text());
      // 13: SIGTERM, which is deadly only before a process has begun to watch for it; killed.  A
      // lost connection is made good by the run itself.
      REQUIRE((exit.code == 13 || exit.signal == SIGTERM || exit.signal == SIGKILL));
      REQUIRE(run < kBlows);
    }
    const std::string all = std::to_string(kTables + 2);
    CHECK(value(headway.url,
                "select count(*) from headway.history where version <> 'base' and state = "
                "'applied'") == all);
    CHECK(value(headway.url, "select count(*) from headway.events where event = 'applied'") == all);
    CHECK(value(headway.url, "select count(*) from pg_tables where schemaname = 'public'") ==
          std::to_string(kTables));
    CHECK(value(headway.url, "select count(*) from t30") == "200");
    CHECK(value(headway.url, "select string_agg(distinct v, ' ') from t2") == "xy");
    CHECK(value(headway.url, "select count(*) from t4") == "400");
    CHECK(value(headway.url,
                "select indisvalid from pg_index where indexrelid = 't1_v'::regclass") == "t");
  }
}
