#include <doctest/doctest.h>

#include <string>

#include "migration/plan.hpp"
#include "migration/source_builder.hpp"
#include "unit/migration/scene.hpp"

using headway::ErrorId;
using headway::ErrorInfo;
using headway::migration::Checksum;
using headway::migration::IfAhead;
using headway::migration::Order;
using headway::migration::Plan;
using headway::migration::Policy;
using headway::migration::RowState;
using headway::testing::contains;
using headway::testing::error_of;
using headway::testing::File;
using headway::testing::kAny;
using headway::testing::kSkip;
using headway::testing::line_of;
using headway::testing::Scene;
using headway::testing::SimulatedHistory;
using headway::testing::steps_of;
using headway::testing::Texts;
using headway::testing::texts_of;

namespace {

const std::vector<File> kTwoHeads{{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql", "-- headway: after=1\n"}};

/// 1 .. count applied in one run, then the image is exchanged for one with fewer files.
Scene ahead(int count, int known) {
  Scene scene(line_of(count));
  scene.upgrade();
  scene.run();
  scene.deploy(line_of(known));
  return scene;
}

/// 1 and 3 applied, then 2 turns up.
Scene late_second() {
  Scene scene({{"1_a.sql"}, {"3_c.sql"}});
  scene.upgrade();
  scene.run();
  scene.deploy({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"4_d.sql"}});
  return scene;
}

ErrorInfo refused(Scene& scene, std::string_view target = "head", Policy policy = {}) {
  return error_of([&] { return scene.upgrade(target, policy); });
}

}  // namespace

TEST_CASE("an empty database gets everything, each row following the one before") {
  Scene scene(line_of(3));
  const Plan& plan = scene.upgrade();
  CHECK(steps_of(plan) == Texts{"apply 1", "apply 2", "apply 3"});
  CHECK(plan.current.text() == "base");
  CHECK(texts_of(plan.target) == Texts{"3"});
  CHECK(plan.steps[0].previous.text() == "base");
  CHECK(plan.steps[2].previous.text() == "2");
  CHECK(plan.steps[1].migration == &scene.source().migrations()[1]);
  CHECK(plan.steps[1].name == "m");
  CHECK(plan.warnings.empty());
  scene.run();
  CHECK(scene.applied() == Texts{"1", "2", "3"});
}

TEST_CASE("at head there is nothing to do") {
  Scene scene(line_of(2));
  scene.upgrade();
  scene.run();
  const Plan& plan = scene.upgrade();
  CHECK(plan.empty());
  CHECK(plan.current.text() == "2");
  CHECK(texts_of(plan.target) == Texts{"2"});
}

TEST_CASE("an empty source is nothing to do") {
  Scene scene(std::vector<File>{});
  CHECK(scene.upgrade().empty());
  CHECK(scene.upgrade("heads").empty());
}

TEST_CASE("with two heads `head` is refused and names them, `heads` takes both") {
  Scene scene(kTwoHeads);
  const ErrorInfo error = refused(scene);
  CHECK(error.id == ErrorId::AmbiguousHead);
  CHECK(error.exit_code() == 23);
  CHECK(contains(error.message, "m/2_b.sql"));
  CHECK(contains(error.message, "m/3_c.sql"));
  const Plan& plan = scene.upgrade("heads");
  CHECK(steps_of(plan) == Texts{"apply 1", "apply 2", "apply 3"});
  CHECK(texts_of(plan.target) == Texts{"2", "3"});
  scene.run();
  CHECK(refused(scene).id == ErrorId::AmbiguousHead);  // also when nothing is pending
}

TEST_CASE("+N takes the next N and no more than there are") {
  Scene scene(line_of(3));
  CHECK(steps_of(scene.upgrade("+2")) == Texts{"apply 1", "apply 2"});
  CHECK(texts_of(scene.upgrade("+2").target) == Texts{"2"});
  scene.run();
  CHECK(steps_of(scene.upgrade("+1")) == Texts{"apply 3"});
  const ErrorInfo error = refused(scene, "+2");
  CHECK(error.id == ErrorId::BadTarget);
  CHECK(contains(error.message, "1 migration is pending"));
  scene.upgrade();
  scene.run();
  CHECK(contains(refused(scene, "+1").message, "nothing is pending"));
}

TEST_CASE("an upgrade goes up only") {
  Scene scene(line_of(2));
  CHECK(scene.upgrade("base").empty());  // that is where it is
  CHECK(refused(scene, "-1").id == ErrorId::BadTarget);
  scene.upgrade("+1");
  scene.run();
  CHECK(refused(scene, "base").id == ErrorId::BadTarget);
}

TEST_CASE("a version takes itself and what it builds on") {
  Scene scene({{"1_a.sql"},
               {"2_b.sql"},
               {"3_c.sql", "-- headway: after=1\n"},
               {"4_d.sql", "-- headway: after=3\n"}});
  const Plan& plan = scene.upgrade("4");
  CHECK(steps_of(plan) == Texts{"apply 1", "apply 3", "apply 4"});
  CHECK(texts_of(plan.target) == Texts{"4"});
  scene.run();
  CHECK(scene.upgrade("3").empty());
  CHECK(texts_of(scene.upgrade("3").target) == Texts{"3"});
  CHECK(steps_of(scene.upgrade("2")) == Texts{"apply 2"});
}

TEST_CASE("a version may be written short, with zeros, or in full before anything longer") {
  Scene scene({{"0002_a.sql"}, {"2025_b.sql"}, {"2026_c.sql"}, {"ae10.sql.txt"}});
  CHECK(texts_of(scene.upgrade("2").target) == Texts{"0002"});
  CHECK(texts_of(scene.upgrade("000").target) == Texts{"0002"});
  CHECK(texts_of(scene.upgrade("2026").target) == Texts{"2026"});
  const ErrorInfo error = refused(scene, "202");
  CHECK(error.id == ErrorId::AmbiguousVersion);
  CHECK(contains(error.message, "2025, 2026"));
  CHECK(refused(scene, "7").id == ErrorId::UnknownVersion);
}

TEST_CASE("a version that is not for this environment is unknown, and the error says why") {
  Scene scene({{"1_a.sql"}, {"2_b.sql", "-- headway: environments=dev\n"}});
  const ErrorInfo error = refused(scene, "2");
  CHECK(error.id == ErrorId::UnknownVersion);
  CHECK(contains(error.message, "environment"));
}

TEST_CASE("edited files are refused, each with its path and time") {
  Scene scene(line_of(3));
  scene.upgrade();
  scene.run();
  scene.database.row("1").checksum = Checksum("x");
  scene.database.row("3").checksum = Checksum("y");
  const ErrorInfo error = refused(scene);
  CHECK(error.id == ErrorId::ChecksumMismatch);
  CHECK(error.exit_code() == 22);
  CHECK(contains(error.message, "1_m (m/1_m.sql), applied 2026-11-22 00:00:01 UTC"));
  CHECK(contains(error.message, "3_m (m/3_m.sql), applied 2026-11-22 00:00:03 UTC"));
  CHECK_FALSE(contains(error.message, "2_m"));
}

TEST_CASE("one edited file is also the error's place") {
  Scene scene(line_of(1));
  scene.upgrade();
  scene.run();
  scene.database.row("1").checksum = Checksum("x");
  CHECK(refused(scene).where.file == "m/1_m.sql");
}

TEST_CASE("missing files are refused, each named") {
  Scene scene(line_of(3));
  scene.upgrade();
  scene.run();
  scene.deploy({{"3_m.sql", "SELECT 3;\n"}});
  const ErrorInfo error = refused(scene);
  CHECK(error.id == ErrorId::MissingFile);
  CHECK(error.exit_code() == 23);
  CHECK(contains(error.message, "1_m, applied"));
  CHECK(contains(error.message, "2_m, applied"));
}

TEST_CASE("a database that is ahead is left alone, with a warning") {
  Scene scene = ahead(4, 2);
  const Plan& plan = scene.upgrade();
  CHECK(plan.empty());
  CHECK(plan.current.text() == "4");
  REQUIRE(plan.warnings.size() == 1);
  CHECK(contains(plan.warnings[0], "ahead"));
  CHECK(contains(plan.warnings[0], "3_m"));
  CHECK(contains(plan.warnings[0], "4_m"));
}

TEST_CASE("a version that only the database knows is applied, so there is nothing to do") {
  Scene scene = ahead(2, 1);
  CHECK(scene.upgrade("2").empty());
}

TEST_CASE("--if-ahead=fail refuses it") {
  Scene scene = ahead(4, 2);
  const ErrorInfo error = refused(scene, "head", {Order::Strict, IfAhead::Fail});
  CHECK(error.id == ErrorId::DatabaseAhead);
  CHECK(error.exit_code() == 23);
  CHECK(contains(error.message, "3_m"));
  Scene even(line_of(2));
  CHECK(steps_of(even.upgrade("head", {Order::Strict, IfAhead::Fail})).size() == 2);
}

TEST_CASE("ahead and pending at once is diverged") {
  Scene scene = ahead(2, 1);
  scene.deploy({{"1_m.sql", "SELECT 1;\n"}, {"3_other.sql"}});
  const ErrorInfo error = refused(scene);
  CHECK(error.id == ErrorId::Diverged);
  CHECK(contains(error.message, "2_m"));
  CHECK(contains(error.message, "m/3_other.sql"));

  const Plan& skipped = scene.upgrade("head", kSkip);
  CHECK(skipped.empty());
  REQUIRE(skipped.warnings.size() == 2);
  CHECK(contains(skipped.warnings[1], "m/3_other.sql"));

  CHECK(steps_of(scene.upgrade("head", kAny)) == Texts{"apply 3"});
  CHECK(scene.upgrade("head", kAny).steps[0].previous.text() == "2");
  scene.run();
  CHECK(scene.applied() == Texts{"1", "2", "3"});
}

TEST_CASE("diverged or not is about what the target asks for") {
  Scene scene = ahead(2, 1);
  scene.deploy({{"1_m.sql", "SELECT 1;\n"}, {"3_other.sql"}});
  CHECK(scene.upgrade("1").empty());
}

TEST_CASE("strict order refuses what belongs before something applied, and says before what") {
  Scene scene = late_second();
  const ErrorInfo error = refused(scene);
  CHECK(error.id == ErrorId::OutOfOrder);
  CHECK(error.exit_code() == 23);
  CHECK(contains(error.message, "2_b (m/2_b.sql) belongs before 3_c, applied"));
  CHECK_FALSE(contains(error.message, "4_d"));
  CHECK(error.where.file == "m/2_b.sql");
  CHECK(refused(scene, "+1").id == ErrorId::OutOfOrder);
  CHECK(refused(scene, "3").id == ErrorId::OutOfOrder);
}

TEST_CASE("the one named after an out-of-order migration is the first that was applied") {
  Scene scene({{"1_a.sql"}, {"4_d.sql"}, {"5_e.sql"}});
  scene.upgrade();
  scene.run();
  scene.deploy({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"4_d.sql"}, {"5_e.sql"}});
  const ErrorInfo error = refused(scene);
  CHECK(contains(error.message, "2_b (m/2_b.sql) belongs before 4_d"));
  CHECK(contains(error.message, "3_c (m/3_c.sql) belongs before 4_d"));
}

TEST_CASE("--order=skip leaves it out and runs the later ones") {
  Scene scene = late_second();
  const Plan& plan = scene.upgrade("head", kSkip);
  CHECK(steps_of(plan) == Texts{"apply 4"});
  REQUIRE(plan.warnings.size() == 1);
  CHECK(contains(plan.warnings[0], "m/2_b.sql"));
  CHECK(steps_of(scene.upgrade("+1", kSkip)) == Texts{"apply 4"});
  CHECK(refused(scene, "+2", kSkip).id == ErrorId::BadTarget);
}

TEST_CASE("--order=any runs it in the order of the source") {
  Scene scene = late_second();
  CHECK(steps_of(scene.upgrade("head", kAny)) == Texts{"apply 2", "apply 4"});
  scene.run();
  CHECK(scene.applied() == Texts{"1", "3", "2", "4"});
  CHECK(scene.upgrade().empty());  // and strict has nothing against it afterwards
}

TEST_CASE("what comes late is run where its own tool would, and the plan says so") {
  const auto planned = [](headway::migration::Habits habits, const std::string& applied,
                          Policy policy = {}) {
    headway::migration::SourceBuilder builder;
    builder.layout("tool", habits);
    for (const char* const version : {"1", "2", "3"}) {
      headway::migration::Migration migration;
      migration.version = headway::testing::v(version);
      builder.add(std::move(migration), std::nullopt);
    }
    const auto source = std::move(builder).build();
    SimulatedHistory made;
    made.append("1").checksum = source.find(headway::testing::v("1"))->up.checksum;
    auto& row = made.append(applied);
    if (const auto* migration = source.find(headway::testing::v(applied))) {
      row.checksum = migration->up.checksum;
    }
    const auto history = made.history();
    const Plan plan = headway::migration::plan_upgrade(
        source, history, headway::migration::parse_target("head"), policy);
    return std::pair(steps_of(plan), plan.warnings);
  };
  const auto [steps, warnings] = planned({.forgets = false, .late = true}, "3");
  CHECK(steps == Texts{"apply 2"});
  REQUIRE(warnings.size() == 1);
  CHECK(contains(warnings[0], "applied late, as tool does: "));
  const auto refusal = [&](headway::migration::Habits habits, const std::string& applied,
                           Policy policy = {}) {
    return error_of([&] { return planned(habits, applied, policy); }).id;
  };
  CHECK(refusal({}, "3") == ErrorId::OutOfOrder);
  CHECK(refusal({.forgets = false, .late = true}, "3", {.order = Order::Strict}) ==
        ErrorId::OutOfOrder);
  // What only the database knows stops the tools that miss it.
  CHECK(refusal({.forgets = false, .late = true}, "9") == ErrorId::Diverged);
  CHECK(planned({.forgets = true, .late = true}, "9").first == Texts{"apply 2", "apply 3"});
}

TEST_CASE("what is out of order on another branch is no concern of this target") {
  Scene scene({{"1_a.sql"}, {"3_c.sql"}, {"9_x.sql", "-- headway: after=base\n"}});
  scene.upgrade("3");
  scene.run();
  scene.deploy({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"9_x.sql", "-- headway: after=base\n"}});
  CHECK(steps_of(scene.upgrade("9")) == Texts{"apply 9"});
  CHECK(refused(scene, "heads").id == ErrorId::OutOfOrder);
}

TEST_CASE("a half-applied migration without a transaction is resumed before anything else") {
  const std::vector<File> files{
      {"1_a.sql"}, {"2_b.sql", "-- headway: transaction=none\nVACUUM;\n"}, {"3_c.sql"}};
  for (const RowState state : {RowState::Running, RowState::Failed}) {
    Scene scene(files);
    scene.upgrade("+2");
    scene.run();
    scene.database.row("2").state = state;
    const Plan& plan = scene.upgrade();
    CHECK(steps_of(plan) == Texts{"resume 2", "apply 3"});
    CHECK(plan.steps[0].row->attempt == 1);
    CHECK(plan.steps[0].migration == &scene.source().migrations()[1]);
    CHECK(plan.steps[1].previous.text() == "2");
    scene.run();
    CHECK(scene.upgrade().empty());
  }
}

TEST_CASE("its file may be corrected before it is resumed") {
  Scene scene(std::vector<File>{{"1_a.sql", "-- headway: transaction=none\nVACUUM x;\n"}});
  scene.upgrade();
  scene.run();
  scene.database.row("1").state = RowState::Failed;
  scene.deploy({{"1_a.sql", "-- headway: transaction=none\nVACUUM y;\n"}});
  CHECK(steps_of(scene.upgrade()) == Texts{"resume 1"});
}

TEST_CASE("a half-applied migration that no file here can finish is refused") {
  Scene scene({{"1_a.sql"}, {"2_b.sql"}});
  scene.upgrade();
  scene.run();
  scene.database.row("2").state = RowState::Failed;
  const ErrorInfo in_transaction = refused(scene);
  CHECK(in_transaction.id == ErrorId::HalfApplied);
  CHECK(in_transaction.exit_code() == 21);
  CHECK(contains(in_transaction.message, "2_b (failed, attempt 1)"));
  scene.deploy({{"1_a.sql"}});
  CHECK(refused(scene).id == ErrorId::HalfApplied);
}

TEST_CASE("the worst comes first: unfinished, edited, missing, ahead, order") {
  Scene scene({{"1_a.sql"}, {"2_b.sql"}, {"4_d.sql"}, {"5_e.sql"}});
  scene.upgrade();
  scene.run();
  scene.deploy({{"1_a.sql"}, {"3_c.sql"}, {"4_d.sql"}});  // 2 missing, 3 late, 5 ahead
  scene.database.row("1").checksum = Checksum("x");
  scene.database.row("4").state = RowState::Failed;
  const Policy policy{Order::Strict, IfAhead::Fail};
  CHECK(refused(scene, "head", policy).id == ErrorId::HalfApplied);
  scene.database.row("4").state = RowState::Applied;
  CHECK(refused(scene, "head", policy).id == ErrorId::ChecksumMismatch);
  scene.database.row("1").checksum = scene.source().migrations()[0].up.checksum;
  CHECK(refused(scene, "head", policy).id == ErrorId::MissingFile);
  scene.deploy({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"4_d.sql"}});
  CHECK(refused(scene, "head", policy).id == ErrorId::DatabaseAhead);
  CHECK(refused(scene, "head").id == ErrorId::Diverged);
  scene.deploy({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"4_d.sql"}, {"5_e.sql"}});
  CHECK(refused(scene, "head", policy).id == ErrorId::OutOfOrder);
}

TEST_CASE("repeatables follow the versioned ones, by name, and once") {
  Scene scene({{"R__b.sql"}, {"1_a.sql"}, {"R__a.sql"}});
  CHECK(steps_of(scene.upgrade()) == Texts{"apply 1", "repeat a", "repeat b"});
  scene.run();
  CHECK(scene.upgrade().empty());
  scene.deploy({{"R__b.sql", "SELECT 2;\n"}, {"1_a.sql"}, {"R__a.sql"}});
  const Plan& plan = scene.upgrade();
  CHECK(steps_of(plan) == Texts{"repeat b"});
  CHECK(plan.steps[0].repeatable == &scene.source().repeatables()[1]);
}

TEST_CASE("after a way back, which may have dropped them, repeatables run again") {
  Scene scene({{"1_a.sql"}, {"2_b.sql"}, {"2_b.down.sql"}, {"R__v.sql"}});
  scene.upgrade();
  scene.run();
  scene.downgrade("-1");
  scene.run();
  CHECK(steps_of(scene.upgrade()) == Texts{"apply 2", "repeat v"});
}

TEST_CASE("repeatables run only where the source ends") {
  const std::vector<File> files{{"1_a.sql"}, {"2_b.sql"}, {"R__v.sql"}};
  Scene scene(files);
  CHECK(steps_of(scene.upgrade("+1")) == Texts{"apply 1"});
  CHECK(steps_of(scene.upgrade("1")) == Texts{"apply 1"});
  CHECK(steps_of(scene.upgrade("+2")) == Texts{"apply 1", "apply 2", "repeat v"});
  CHECK(steps_of(scene.upgrade("2")) == Texts{"apply 1", "apply 2", "repeat v"});
  scene.upgrade("2");
  scene.run();
  scene.deploy({{"1_a.sql"}, {"2_b.sql"}, {"R__v.sql", "SELECT 2;\n"}});
  CHECK(scene.upgrade("1").empty());
  CHECK(steps_of(scene.upgrade("2")) == Texts{"repeat v"});
}

TEST_CASE("with one of two heads as the target, repeatables wait for the other") {
  std::vector<File> files = kTwoHeads;
  files.push_back({"R__v.sql"});
  Scene scene(files);
  CHECK(steps_of(scene.upgrade("2")) == Texts{"apply 1", "apply 2"});
  scene.run();
  CHECK(steps_of(scene.upgrade("3")) == Texts{"apply 3", "repeat v"});
}

TEST_CASE("no repeatable runs while the database is ahead or something was left out") {
  Scene scene = ahead(2, 1);
  scene.deploy({{"1_m.sql", "SELECT 1;\n"}, {"R__v.sql"}});
  CHECK(scene.upgrade().empty());
  scene.deploy({{"1_m.sql", "SELECT 1;\n"}, {"3_x.sql"}, {"R__v.sql"}});
  CHECK(steps_of(scene.upgrade("head", kAny)) == Texts{"apply 3"});

  Scene late = late_second();
  late.deploy({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"R__v.sql"}});
  CHECK(late.upgrade("head", kSkip).empty());
}

TEST_CASE("a repeatable that was replaced by a newer text is reported, not run") {
  Scene scene({{"1_a.sql"}, {"R__v.sql", "SELECT 'old';\n"}});
  scene.upgrade();
  scene.run();
  scene.deploy({{"1_a.sql"}, {"R__v.sql", "SELECT 'new';\n"}});
  scene.upgrade();
  scene.run();
  scene.deploy({{"1_a.sql"}, {"R__v.sql", "SELECT 'old';\n"}});
  const Plan& plan = scene.upgrade();
  CHECK(plan.empty());
  REQUIRE(plan.warnings.size() == 1);
  CHECK(contains(plan.warnings[0], "m/R__v.sql"));
}

TEST_CASE("a runner with a stale plan does nothing: the chain refuses its first row") {
  Scene scene(line_of(3));
  scene.upgrade("+1");
  scene.run();
  const headway::migration::History seen = scene.database.history();
  const auto target = headway::migration::parse_target("head");
  const Plan first = plan_upgrade(scene.source(), seen, target, {});
  const Plan second = plan_upgrade(scene.source(), seen, target, {});
  scene.database.execute(first);
  CHECK_THROWS_AS(scene.database.execute(second), headway::testing::SimulatedHistory::Violation);
  CHECK(scene.applied() == Texts{"1", "2", "3"});
}
