#include <doctest/doctest.h>

#include <string>

#include "migration/plan.hpp"
#include "unit/migration/scene.hpp"

using headway::ErrorId;
using headway::ErrorInfo;
using headway::migration::Plan;
using headway::migration::RowKind;
using headway::migration::RowState;
using headway::testing::contains;
using headway::testing::error_of;
using headway::testing::File;
using headway::testing::kAny;
using headway::testing::line_of;
using headway::testing::Scene;
using headway::testing::steps_of;
using headway::testing::Texts;
using headway::testing::texts_of;

namespace {

Scene applied_line(int count) {
  Scene scene(line_of(count));
  scene.upgrade();
  scene.run();
  return scene;
}

ErrorInfo refused(Scene& scene, std::string_view target) {
  return error_of([&] { return scene.downgrade(target); });
}

/// 1 <- 2 <- 4 and 1 <- 3, all with a way back.
const std::vector<File> kBranches{{"1_a.sql"},
                                  {"1_a.down.sql"},
                                  {"2_b.sql"},
                                  {"2_b.down.sql"},
                                  {"3_c.sql", "-- headway: after=1\n"},
                                  {"3_c.down.sql"},
                                  {"4_d.sql", "-- headway: after=2\n"},
                                  {"4_d.down.sql"}};

}  // namespace

TEST_CASE("base takes everything back, newest first") {
  Scene scene = applied_line(3);
  const Plan& plan = scene.downgrade("base");
  CHECK(steps_of(plan) == Texts{"revert 3", "revert 2", "revert 1"});
  CHECK(plan.current.text() == "3");
  CHECK(texts_of(plan.target) == Texts{"base"});
  CHECK(plan.steps[0].row->version.text() == "3");
  CHECK(plan.steps[0].previous.text() == "2");
  CHECK(plan.steps[0].migration == &scene.source().migrations()[2]);
  CHECK_FALSE(plan.steps[0].stored_down);
  scene.run();
  CHECK(scene.applied().empty());
  CHECK(scene.downgrade("base").empty());
}

TEST_CASE("-N takes back the last N along the chain, and no more than there are") {
  Scene scene = applied_line(3);
  CHECK(steps_of(scene.downgrade("-2")) == Texts{"revert 3", "revert 2"});
  CHECK(texts_of(scene.downgrade("-2").target) == Texts{"1"});
  CHECK(steps_of(scene.downgrade("-3")).size() == 3);
  const ErrorInfo error = refused(scene, "-4");
  CHECK(error.id == ErrorId::BadTarget);
  CHECK(contains(error.message, "3 migrations are applied"));
  CHECK(refused(scene, "-2147483647").id == ErrorId::BadTarget);
}

TEST_CASE("+N and heads mean nothing on the way back") {
  Scene scene = applied_line(2);
  CHECK(refused(scene, "+1").id == ErrorId::BadTarget);
  CHECK(refused(scene, "heads").id == ErrorId::BadTarget);
}

TEST_CASE("a version stays, with what it builds on; everything else goes") {
  Scene scene = applied_line(4);
  CHECK(steps_of(scene.downgrade("2")) == Texts{"revert 4", "revert 3"});
  CHECK(texts_of(scene.downgrade("2").target) == Texts{"2"});
  CHECK(scene.downgrade("4").empty());

  Scene branches(kBranches);
  branches.upgrade("heads");
  branches.run();
  CHECK(steps_of(branches.downgrade("3")) == Texts{"revert 4", "revert 2"});
  CHECK(texts_of(branches.downgrade("3").target) == Texts{"3"});
  branches.run();
  CHECK(branches.applied() == Texts{"1", "3"});
}

TEST_CASE("a version that is not applied is nothing to go back to") {
  Scene scene(line_of(3));
  scene.upgrade("+1");
  scene.run();
  const ErrorInfo pending = refused(scene, "2");
  CHECK(pending.id == ErrorId::BadTarget);
  CHECK(contains(pending.message, "2 is not applied"));
  CHECK(refused(scene, "9").id == ErrorId::UnknownVersion);
}

TEST_CASE("the beginning of a version is looked up in the history, too") {
  Scene scene({{"1.sql"}, {"1.down.sql"}});
  scene.upgrade();
  scene.run();
  scene.database.append("ae10").has_down = true;
  scene.database.append("ae11").has_down = true;
  scene.database.append("b2").has_down = true;
  CHECK(steps_of(scene.downgrade("ae11")) == Texts{"revert b2"});
  CHECK(refused(scene, "ae").id == ErrorId::AmbiguousVersion);
  CHECK(scene.downgrade("b").empty());
}

TEST_CASE("head takes back what this source does not know, with the stored way back") {
  Scene scene = applied_line(4);
  scene.deploy(line_of(2));
  const Plan& plan = scene.downgrade("head");
  CHECK(steps_of(plan) == Texts{"revert 4", "revert 3"});
  CHECK(plan.steps[0].stored_down);
  CHECK(plan.steps[0].migration == nullptr);
  CHECK(plan.steps[0].name == "m");
  scene.run();
  CHECK(scene.applied() == Texts{"1", "2"});
  CHECK(scene.downgrade("head").empty());
}

TEST_CASE("head leaves alone what is pending, missing or not for this environment") {
  Scene scene = applied_line(3);
  scene.deploy({{"1_m.sql", "SELECT 1;\n"},
                {"3_m.sql", "SELECT 3;\n-- headway\n"},
                {"4_m.sql"}});  // 2 is missing
  CHECK(scene.downgrade("head").empty());
  scene.deploy({{"1_m.sql"}, {"2_m.sql"}, {"3_m.sql", "-- headway: environments=dev\n"}});
  CHECK(scene.downgrade("head").empty());
}

TEST_CASE("rows without a file go with a version's successors, and stay before it") {
  Scene scene = applied_line(2);
  scene.database.append("x").has_down = true;
  scene.deploy(line_of(3));
  scene.upgrade("head", kAny);
  scene.run();
  CHECK(scene.applied() == Texts{"1", "2", "x", "3"});
  CHECK(steps_of(scene.downgrade("2")) == Texts{"revert 3", "revert x"});
  CHECK(scene.downgrade("3").empty());
  CHECK(steps_of(scene.downgrade("x")) == Texts{"revert 3"});
}

TEST_CASE("the file's way back is preferred: it may have been corrected") {
  Scene scene(std::vector<File>{{"1_a.sql"}});
  scene.upgrade();
  scene.run();
  scene.database.row("1").has_down = true;
  CHECK(scene.downgrade("base").steps[0].stored_down);
  scene.deploy({{"1_a.sql"}, {"1_a.down.sql"}});
  CHECK_FALSE(scene.downgrade("base").steps[0].stored_down);
}

TEST_CASE("what has no way back is refused before anything runs, each named with its reason") {
  Scene scene({{"1_a.sql"},
               {"2_b.sql", "-- headway: irreversible\n"},
               {"2_b.down.sql"},
               {"3_c.sql"},
               {"3_c.down.sql"},
               {"4_d.sql"},
               {"4_d.down.sql"}});
  scene.upgrade();
  scene.run();
  scene.database.row("3").irreversible = true;
  const ErrorInfo error = refused(scene, "base");
  CHECK(error.id == ErrorId::Irreversible);
  CHECK(error.exit_code() == 26);
  CHECK(contains(error.message, "1_a: it has no down file"));
  CHECK(contains(error.message, "2_b: it says that it is irreversible"));
  CHECK(contains(error.message, "3_c: it says that it is irreversible"));
  CHECK_FALSE(contains(error.message, "4_d"));
  CHECK(steps_of(scene.downgrade("-1")) == Texts{"revert 4"});
}

TEST_CASE("what did nothing needs no way back, also when its file is gone") {
  const std::vector<File> old_image{{"1_a.sql"}, {"1_a.down.sql"}};
  std::vector<File> image = old_image;
  image.push_back({"2_merge.sql", "-- headway: after=1\n/* joins two lines */ ;\n"});
  Scene scene(image);
  scene.upgrade();
  scene.run();
  CHECK(steps_of(scene.downgrade("base")) == Texts{"revert 2", "revert 1"});
  scene.deploy(old_image);
  CHECK(steps_of(scene.downgrade("head")) == Texts{"revert 2"});
  CHECK(scene.downgrade("head").steps[0].stored_down);
  scene.run();
  CHECK(scene.applied() == Texts{"1"});
}

TEST_CASE("a file that says that it is irreversible is, even if it does nothing") {
  Scene scene(std::vector<File>{{"1_a.sql", "-- headway: irreversible\n"}});
  scene.upgrade();
  scene.run();
  CHECK(refused(scene, "base").id == ErrorId::Irreversible);
}

TEST_CASE("a row whose file is gone and that stored no way back is irreversible") {
  Scene scene = applied_line(1);
  scene.database.append("x");
  const ErrorInfo error = refused(scene, "head");
  CHECK(error.id == ErrorId::Irreversible);
  CHECK(contains(error.message, "x: its file is gone"));
}

TEST_CASE("rows that were stamped or adopted without a way back lead to stamp") {
  Scene scene({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"3_c.down.sql"}});
  scene.stamp("head");
  scene.run();
  scene.database.row("2").kind = RowKind::Adopted;
  const ErrorInfo error = refused(scene, "1");
  CHECK(error.id == ErrorId::Irreversible);
  CHECK(contains(error.message, "2_b: it was adopted"));
  CHECK(contains(error.next, "headway stamp 1"));
  CHECK(steps_of(scene.downgrade("2")) == Texts{"revert 3"});  // its file has a way back
}

TEST_CASE("what is half applied has no way back until it is finished or repaired") {
  Scene scene = applied_line(2);
  scene.database.row("2").state = RowState::Failed;
  CHECK(refused(scene, "base").id == ErrorId::HalfApplied);
  CHECK(error_of([&] { return scene.redo_down(); }).id == ErrorId::HalfApplied);
  CHECK(scene.downgrade("2").empty());
}

TEST_CASE("--last-run takes back what the newest row's run applied") {
  Scene scene(line_of(5));
  scene.upgrade("+2");
  scene.run("first");
  scene.upgrade("+2");
  scene.run("second");
  CHECK(steps_of(scene.downgrade_last_run()) == Texts{"revert 4", "revert 3"});
  scene.run();
  CHECK(steps_of(scene.downgrade_last_run()) == Texts{"revert 2", "revert 1"});
  scene.run();
  CHECK(scene.downgrade_last_run().empty());
}

TEST_CASE("--last-run of a row that names no run is refused") {
  Scene scene = applied_line(1);
  scene.database.append("x", "");
  CHECK(error_of([&] { return scene.downgrade_last_run(); }).id == ErrorId::BadTarget);
}

TEST_CASE("redo takes the last row back, which needs its file and a way back") {
  Scene scene = applied_line(2);
  CHECK(steps_of(scene.redo_down()) == Texts{"revert 2"});
  scene.deploy(line_of(1));
  CHECK(error_of([&] { return scene.redo_down(); }).id == ErrorId::MissingFile);
  Scene empty(line_of(1));
  CHECK(error_of([&] { return empty.redo_down(); }).id == ErrorId::BadTarget);
  Scene no_way_back(std::vector<File>{{"1_a.sql"}});
  no_way_back.upgrade();
  no_way_back.run();
  CHECK(error_of([&] { return no_way_back.redo_down(); }).id == ErrorId::Irreversible);
}

TEST_CASE("redo goes up again with the file as it is now") {
  Scene scene = applied_line(2);
  scene.deploy({{"1_m.sql", "SELECT 1;\n"}, {"2_m.sql", "SELECT 22;\n"}, {"2_m.down.sql"}});
  scene.redo_down();
  scene.run();
  CHECK(steps_of(scene.upgrade()) == Texts{"apply 2"});
}

TEST_CASE("a second downgrade on a stale plan does nothing") {
  Scene scene = applied_line(3);
  const headway::migration::History seen = scene.database.history();
  const auto target = headway::migration::parse_target("-1");
  const Plan first = plan_downgrade(scene.source(), seen, target);
  const Plan second = plan_downgrade(scene.source(), seen, target);
  scene.database.execute(first);
  CHECK_THROWS_AS(scene.database.execute(second), headway::testing::SimulatedHistory::Violation);
  CHECK(scene.applied() == Texts{"1", "2"});
}
