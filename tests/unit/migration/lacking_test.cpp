#include "migration/lacking.hpp"

#include <doctest/doctest.h>

#include "unit/migration/scene.hpp"

using headway::ErrorId;
using headway::migration::Lacking;
using headway::migration::Order;
using headway::migration::RowState;
using headway::migration::Source;
using headway::migration::WaitTarget;
using headway::testing::error_of;
using headway::testing::File;
using headway::testing::line_of;
using headway::testing::Scene;
using headway::testing::source_of;
using headway::testing::Texts;

namespace {

Lacking lacking(const Scene& scene, std::string_view target = "head", Order order = Order::Strict) {
  const WaitTarget wanted(scene.source(), headway::migration::parse_target(target));
  return wanted.lacking(scene.database.history(), order);
}

}  // namespace

TEST_CASE("what is not applied is lacking, in the order of the source") {
  Scene scene(line_of(3));
  CHECK(lacking(scene).migrations == Texts{"1_m", "2_m", "3_m"});
  scene.upgrade("2");
  scene.run();
  CHECK(lacking(scene).migrations == Texts{"3_m"});
  CHECK(lacking(scene, "2").empty());
  scene.upgrade();
  scene.run();
  CHECK(lacking(scene).empty());
  CHECK(lacking(scene, "heads").empty());
}

TEST_CASE("a database that is ahead of an older image lacks nothing") {
  Scene scene(line_of(3));
  scene.upgrade();
  scene.run();
  scene.deploy(line_of(2));
  CHECK(lacking(scene).empty());
}

TEST_CASE("a half-applied migration is lacking, whatever its place") {
  Scene scene(line_of(2));
  scene.upgrade();
  scene.run();
  scene.database.row("1").state = RowState::Running;
  CHECK(lacking(scene).migrations == Texts{"1_m"});
  scene.database.row("1").state = RowState::Failed;
  CHECK(lacking(scene, "heads", Order::Skip).migrations == Texts{"1_m"});
}

TEST_CASE("a file that was edited or is gone is nothing to wait for") {
  Scene scene(line_of(3));
  scene.upgrade();
  scene.run();
  scene.deploy({{"1_m.sql", "SELECT 'edited';\n"}, {"3_m.sql", "SELECT 3;\n"}});
  CHECK(lacking(scene).empty());
}

TEST_CASE("what an upgrade with --order=skip leaves out is not lacking with it") {
  Scene scene({{"1_a.sql"}, {"3_c.sql"}});
  scene.upgrade();
  scene.run();
  scene.deploy({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql"}, {"4_d.sql"}});
  CHECK(lacking(scene, "head", Order::Strict).migrations == Texts{"2_b", "4_d"});
  CHECK(lacking(scene, "head", Order::Any).migrations == Texts{"2_b", "4_d"});
  CHECK(lacking(scene, "head", Order::Skip).migrations == Texts{"4_d"});
}

TEST_CASE("repeatables belong to a head, and not to a database that is ahead") {
  const std::vector<File> files{{"1_a.sql"}, {"2_b.sql"}, {"R__views.sql"}};
  Scene scene(files);
  scene.upgrade("2");
  const Lacking none_done = lacking(scene);
  CHECK(none_done.migrations == Texts{"1_a", "2_b"});
  CHECK(none_done.repeatables == Texts{"views"});
  CHECK(lacking(scene, "1").repeatables.empty());
  scene.upgrade();
  scene.run();
  CHECK(lacking(scene).empty());
  scene.deploy({{"1_a.sql"}, {"R__views.sql", "SELECT 'older';\n"}});
  CHECK(lacking(scene).empty());
}

TEST_CASE("of several heads one has to be named") {
  const Source source = source_of({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql", "-- headway: after=1\n"}});
  const auto wait_for = [&source](std::string_view target) {
    return WaitTarget(source, headway::migration::parse_target(target)).text();
  };
  CHECK(error_of([&] { return wait_for("head"); }).id == ErrorId::AmbiguousHead);
  CHECK(wait_for("heads") == "2,3");
  CHECK(wait_for("3") == "3");
}

TEST_CASE("a target that depends on where the database is can't be waited for") {
  const Source source = line_of(2);
  for (const char* target : {"base", "+1", "-1"}) {
    CAPTURE(target);
    CHECK(error_of([&] {
            return WaitTarget(source, headway::migration::parse_target(target)).text();
          }).id == ErrorId::BadTarget);
  }
  CHECK(error_of([&] {
          return WaitTarget(source, headway::migration::parse_target("9")).text();
        }).id == ErrorId::UnknownVersion);
}

TEST_CASE("without files any version can be named") {
  Scene scene(line_of(2));
  scene.upgrade("1");
  scene.run();
  scene.deploy(Source());
  CHECK(lacking(scene, "1").empty());
  CHECK(lacking(scene, "2").migrations == Texts{"2"});
}
