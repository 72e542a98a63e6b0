#include <doctest/doctest.h>

#include <string>

#include "migration/plan.hpp"
#include "unit/migration/scene.hpp"

using headway::ErrorId;
using headway::migration::Plan;
using headway::migration::RowKind;
using headway::testing::error_of;
using headway::testing::File;
using headway::testing::line_of;
using headway::testing::Scene;
using headway::testing::steps_of;
using headway::testing::Texts;
using headway::testing::texts_of;

TEST_CASE("a stamp inserts rows for the target and what it builds on, in order") {
  Scene scene(line_of(3));
  const Plan& plan = scene.stamp("2");
  CHECK(steps_of(plan) == Texts{"insert 1", "insert 2"});
  CHECK(plan.steps[0].previous.text() == "base");
  CHECK(plan.steps[1].previous.text() == "1");
  CHECK(plan.steps[1].migration == &scene.source().migrations()[1]);
  CHECK(texts_of(plan.target) == Texts{"2"});
  scene.run();
  CHECK(scene.applied() == Texts{"1", "2"});
  CHECK(scene.database.row("1").kind == RowKind::Baseline);
  CHECK(scene.stamp("2").empty());
  CHECK(steps_of(scene.upgrade()) == Texts{"apply 3"});
}

TEST_CASE("a stamp removes what is beyond the target, newest first, before it inserts") {
  Scene scene({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql", "-- headway: after=1\n"}});
  scene.upgrade("2");
  scene.run();
  scene.database.append("x");
  const Plan& plan = scene.stamp("3");
  CHECK(steps_of(plan) == Texts{"remove x", "remove 2", "insert 3"});
  CHECK(plan.steps[0].row->version.text() == "x");
  CHECK(plan.steps[2].previous.text() == "1");
  scene.run();
  CHECK(scene.applied() == Texts{"1", "3"});
}

TEST_CASE("base empties the history") {
  Scene scene(line_of(2));
  scene.stamp("head");
  scene.run();
  CHECK(steps_of(scene.stamp("base")) == Texts{"remove 2", "remove 1"});
  CHECK(texts_of(scene.stamp("base").target) == Texts{"base"});
  scene.run();
  CHECK(scene.applied().empty());
}

TEST_CASE("head is refused where there are several, heads takes all") {
  Scene scene({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql", "-- headway: after=1\n"}});
  CHECK(error_of([&] { return scene.stamp("head"); }).id == ErrorId::AmbiguousHead);
  CHECK(steps_of(scene.stamp("heads")) == Texts{"insert 1", "insert 2", "insert 3"});
}

TEST_CASE("a stamp takes no steps, only places") {
  Scene scene(line_of(2));
  CHECK(error_of([&] { return scene.stamp("+1"); }).id == ErrorId::BadTarget);
  CHECK(error_of([&] { return scene.stamp("-1"); }).id == ErrorId::BadTarget);
  CHECK(error_of([&] { return scene.stamp("7"); }).id == ErrorId::UnknownVersion);
}

TEST_CASE("a row in the middle is taken out and the chain closes over it") {
  Scene scene(line_of(3));
  scene.upgrade("+1");
  scene.run();
  scene.database.append("x");  // its file was removed by somebody
  scene.deploy(line_of(3));
  scene.upgrade("head", headway::testing::kAny);
  scene.run();
  CHECK(scene.applied() == Texts{"1", "x", "2", "3"});
  CHECK(steps_of(scene.stamp("head")) == Texts{"remove x"});
  scene.run();
  CHECK(scene.applied() == Texts{"1", "2", "3"});
}

TEST_CASE("a target that only the history knows keeps the chain up to it") {
  Scene scene(line_of(3));
  scene.upgrade();
  scene.run();
  scene.deploy(line_of(1));
  CHECK(steps_of(scene.stamp("2")) == Texts{"remove 3"});
}

TEST_CASE("what this environment leaves out is kept, unless it stands behind the target") {
  const std::vector<File> files{
      {"1_a.sql"}, {"2_b.sql", "-- headway: environments=dev\n"}, {"3_c.sql"}};
  Scene scene(headway::testing::source_of(files, "dev"));
  scene.upgrade();
  scene.run();
  scene.deploy(headway::testing::source_of(files, "production"));
  CHECK(scene.stamp("head").empty());
  CHECK(steps_of(scene.stamp("1")) == Texts{"remove 3", "remove 2"});
  CHECK(steps_of(scene.stamp("base")) == Texts{"remove 3", "remove 2", "remove 1"});
}

TEST_CASE("an applied row that stays keeps its place; what it lacks is appended") {
  Scene scene({{"1_a.sql"}, {"3_c.sql"}});
  scene.upgrade();
  scene.run();
  scene.deploy(line_of(3));
  CHECK(steps_of(scene.stamp("3")) == Texts{"insert 2"});
  CHECK(scene.stamp("3").steps[0].previous.text() == "3");
  scene.run();
  CHECK(scene.applied() == Texts{"1", "3", "2"});
}

TEST_CASE("a second stamp on a stale plan does nothing") {
  Scene scene(line_of(2));
  const headway::migration::History seen = scene.database.history();
  const auto target = headway::migration::parse_target("head");
  const Plan first = plan_stamp(scene.source(), seen, target);
  const Plan second = plan_stamp(scene.source(), seen, target);
  scene.database.execute(first);
  CHECK_THROWS_AS(scene.database.execute(second), headway::testing::SimulatedHistory::Violation);
}
