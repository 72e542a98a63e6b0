// Client, backend and server are killed at random moments over a set that holds all kinds of
// statements, those among them that can't run in a transaction: nobody is ever asked to repair
// anything, no step is lost, and none is done twice.
//
//   HEADWAY_CHAOS_ROUNDS  databases to bring to head, default 3
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

constexpr int kBlows = 8;  // then it is left alone

unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise
                                          : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

const MigrationsDir& migrations() {
  static const std::string none = "-- headway: transaction=none\n";
  static const MigrationsDir dir{
      {"1_tables.sql",
       "create table t (id int primary key, v text, n int not null default 0);\n"
       "insert into t select g, md5(g::text) from generate_series(1, 20000) g;\n"
       "create table steps (step text);\ncreate table removed (n int);\n"
       "create type mood as enum ('calm');\n"},
      {"2_indexes.sql", none + "create index concurrently t_v on t (v);\n"
                               "create unique index concurrently t_id_v on t (id, v);\n"},
      {"3_moods.sql", none + "alter type mood add value 'angry';\n"
                             "alter type mood add value 'bored' before 'calm';\n"},
      {"4_plain.sql",
       "insert into steps values ('4');\ncreate table moods (m mood default 'angry');\n"
       "insert into moods default values;\n"},
      {"5_mixed.sql", none + "insert into steps values ('5 first');\n"
                             "reindex index concurrently t_v;\n"
                             "update t set n = n + 1 where id <= 5000;\n"
                             "vacuum t;\n"
                             "create index concurrently if not exists t_n on t (n);\n"
                             "insert into steps values ('5 last');\n"},
      {"6_drop.sql", none + "drop index concurrently t_n;\n"
                            "alter table t add constraint positive check (n >= 0) not valid;\n"
                            "alter table t validate constraint positive;\n"},
      {"7_batches.sql",
       "-- headway: batch=t key=id size=150\n"
       "update t set n = n + 1 where id between :batch_first and :batch_last and id > 5000;\n"
       "insert into steps values ('7');\n"
       "-- headway: batch=t key=id size=400\n"
       "with small as (delete from t where id between :batch_first and :batch_last and id <= 5000 "
       "returning n) insert into removed select n from small;\n"},
      {"8_end.sql", "insert into steps values ('8');\n"}};
  return dir;
}

enum class Blow { Client, Backend, Server, Stop };

class Storm {
 public:
  Storm(TempCluster& cluster, unsigned seed) : cluster_(cluster), random_(seed) {}

  void strike(const Process& process, const std::string& url) {
    // Some right at the beginning, some only when an index is being built.
    std::this_thread::sleep_for(std::chrono::microseconds(below(below(2) == 0 ? 30'000 : 400'000)));
    switch (static_cast<Blow>(below(4))) {
      case Blow::Client: process.send_signal(SIGKILL); break;
      case Blow::Stop: process.send_signal(SIGTERM); break;
      case Blow::Backend:
        exec(url,
             "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
             "current_database() and pid <> pg_backend_pid()");
        break;
      case Blow::Server:
        cluster_.crash();
        cluster_.start();
        break;
    }
  }

 private:
  unsigned below(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(random_);
  }

  TempCluster& cluster_;
  std::mt19937 random_;
};

void check_result(const std::string& url) {
  CHECK(value(url, "select string_agg(step, ', ' order by step) from steps") ==
        "4, 5 first, 5 last, 7, 8");
  CHECK(value(url, "select count(*) || ' ' || sum(n) from t") == "15000 15000");
  CHECK(value(url, "select count(*) || ' ' || sum(n) from removed") == "5000 5000");
  CHECK(value(url, "select enum_range(null::mood)") == "{bored,calm,angry}");
  CHECK(value(url, "select string_agg(m::text, ' ') from moods") == "angry");
  CHECK(value(url,
              "select string_agg(relname || indisvalid, ' ' order by relname) from pg_index "
              "join pg_class on pg_class.oid = indexrelid where indrelid = 't'::regclass") ==
        "t_id_vtrue t_pkeytrue t_vtrue");
  CHECK(value(url, "select convalidated from pg_constraint where conname = 'positive'") == "t");
  CHECK(value(url, "select count(*) from headway.history where state = 'applied'") == "9");
  CHECK(value(url, "select count(*) from headway.events where event = 'applied'") == "8");
}

}  // namespace

TEST_CASE("killed client, backend or server: all steps once, and nobody has to repair anything") {
  const unsigned rounds = number_from("HEADWAY_CHAOS_ROUNDS", 3);
  const unsigned seed = number_from("HEADWAY_CHAOS_SEED", std::random_device{}());
  CAPTURE(seed);
  TempCluster cluster;
  Storm storm(cluster, seed);
  for (unsigned round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const Headway headway{cluster.create_database(), migrations().path()};
    for (int run = 0;; ++run) {
      Process process(headway.command({"upgrade"}));
      if (run < kBlows) storm.strike(process, headway.url);
      const Exit exit = process.wait();
      if (exit.code == 0 && run >= kBlows) break;
      INFO(exit.text());
      REQUIRE(
          (exit.code == 0 || exit.code == 13 || exit.signal == SIGTERM || exit.signal == SIGKILL));
      REQUIRE(run < kBlows);
    }
    check_result(headway.url);
  }
}
