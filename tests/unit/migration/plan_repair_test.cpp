#include <doctest/doctest.h>

#include "migration/plan.hpp"
#include "unit/migration/scene.hpp"

using headway::migration::Checksum;
using headway::migration::History;
using headway::migration::plan_repair;
using headway::migration::Repair;
using headway::migration::RowState;
using headway::testing::line_of;
using headway::testing::Scene;

TEST_CASE("a sound database needs no repair") {
  Scene scene(line_of(2));
  scene.upgrade();
  scene.run();
  const History history = scene.database.history();
  CHECK(plan_repair(scene.source(), history).empty());
}

TEST_CASE("edited files give their checksum, half-applied rows wait for a word") {
  Scene scene(line_of(3));
  scene.upgrade();
  scene.run();
  scene.database.row("1").checksum = Checksum("x");
  scene.database.row("3").state = RowState::Failed;
  const History history = scene.database.history();
  const Repair repair = plan_repair(scene.source(), history);
  REQUIRE(repair.rechecks.size() == 1);
  CHECK(repair.rechecks[0].row->version.text() == "1");
  CHECK(repair.rechecks[0].checksum == scene.source().migrations()[0].up.checksum);
  REQUIRE(repair.half_applied.size() == 1);
  CHECK(repair.half_applied[0]->version.text() == "3");
  CHECK_FALSE(repair.empty());
}
