// The dry run tells of the locks to come.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/temp_cluster.hpp"

namespace headway::testing {

TEST_CASE("a plan tells what each statement is expected to lock") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir(
      {{"0001_new.sql", "create table fresh (id int);\nalter table fresh add c int;\n"},
       {"0002_old.sql",
        "alter table users\n  add constraint positive check (id > 0);\n"
        "create index on users (id);\n"
        "update users set id = 1;\nupdate users set id = 2;\n"
        "do $$ begin end $$;\n"},
       {"0003_gentle.sql",
        "-- headway: transaction=none\ncreate index concurrently on users (id);\n"}});
  const Headway headway{.url = url, .migrations = dir.path()};
  const Exit text = headway({"plan"});
  INFO(text.text());
  CHECK(text.code == 0);
  check_golden("plan-locks", text.out);
  check_golden("plan-locks-json", headway({"upgrade", "--dry-run", "--output=json"}).out);
}

}  // namespace headway::testing
