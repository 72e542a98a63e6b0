#include "cli/status_page.hpp"

#include <doctest/doctest.h>

#include "unit/cli/reports.hpp"

namespace headway::cli {
namespace {

LiveStatus with_rows(std::size_t count) {
  LiveStatus status;
  status.database = "hive";
  status.started = test_time(0);
  status.state = engine::State::Done;
  status.at_target = true;
  status.database_up = true;
  status.schema = engine::SchemaStatus{std::to_string(count), "", count, 0, 0, false, false};
  auto history = std::make_shared<LiveHistory>();
  for (std::size_t i = 1; i <= count; ++i) {
    history->applied.push_back({std::to_string(i), "m" + std::to_string(i), "applied", test_time(1),
                                Microseconds{static_cast<long>(i) * 1000}});
  }
  status.history = history;
  return status;
}

std::size_t count_in(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("everything that comes from elsewhere is escaped") {
  LiveStatus status = with_rows(0);
  const std::string evil = "<script>alert('x')</script>\"&";
  status.database = status.waiting_for = evil;
  status.schema->current_version = status.schema->target_version = evil;
  auto history = std::make_shared<LiveHistory>();
  history->applied.push_back({evil, evil, evil, test_time(1), Milliseconds{1}});
  history->pending.push_back({evil, evil});
  history->unknown.push_back({evil, evil});
  status.history = history;
  status.running = LiveStatus::Running{evil, evil, 0, 1, 0, 1, test_time(1), {}};
  ErrorInfo error;
  error.message = error.next = evil;
  status.last_run = LiveStatus::Run{evil, evil, test_time(1), {}, 0, error};
  const std::string page = status_page(status, test_time(2));
  CHECK(count_in(page, "<script>") == 1);  // our own
  CHECK_FALSE(has(page, "alert('x')"));
  CHECK(has(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
}

TEST_CASE("the page needs nothing from elsewhere, and no script to be read") {
  const std::string page = status_page(with_rows(3), test_time(2));
  CHECK_FALSE(has(page, "http://"));
  CHECK_FALSE(has(page, "https://"));
  CHECK_FALSE(has(page, "src="));
  CHECK(has(page, "<noscript><meta http-equiv=\"refresh\""));
  CHECK(has(page, ">m3<"));
  CHECK(count_in(page, "<rect ") == 3);
  CHECK(has(page, "up to date"));
}

TEST_CASE("a long history is cut to the newest, which is said") {
  const std::string page = status_page(with_rows(10'000), test_time(2));
  CHECK(page.size() < 100'000);
  CHECK(has(page, ">m10000<"));
  CHECK_FALSE(has(page, ">m1<"));
  CHECK(has(page, "the newest 200 of 10000"));
}

TEST_CASE("the chart stays within its frame, from microseconds to days") {
  LiveStatus status = with_rows(0);
  auto history = std::make_shared<LiveHistory>();
  for (const long microseconds : {0L, 1L, 1'000'000L, 300'000'000'000L}) {
    history->applied.push_back(
        {std::to_string(microseconds), "m", "applied", test_time(1), Microseconds{microseconds}});
  }
  status.history = history;
  const std::string page = status_page(status, test_time(2));
  CHECK(count_in(page, "<rect ") == 4);
  CHECK_FALSE(has(page, "nan"));
  CHECK_FALSE(has(page, "inf"));
  CHECK_FALSE(has(page, "height=\"-"));
  CHECK_FALSE(has(page, "y=\"-"));
  CHECK(has(page, ">10 h<"));
}

TEST_CASE("the badge says what matters most") {
  const auto page = [](auto change) {
    LiveStatus status = with_rows(1);
    change(status);
    return status_page(status, test_time(2));
  };
  CHECK(has(page([](LiveStatus& s) { s.schema->dirty = true; }), ">half applied<"));
  CHECK(has(page([](LiveStatus& s) { s.degraded = true; }), ">degraded: the upgrade failed<"));
  CHECK(has(page([](LiveStatus& s) { s.state = engine::State::Failed; }), ">failed<"));
  CHECK(has(page([](LiveStatus& s) { s.state = engine::State::Applying; }), ">migrating<"));
  CHECK(has(page([](LiveStatus& s) { s.database_up = false; }), ">the database is out of reach<"));
  CHECK(
      has(page([](LiveStatus& s) { s.schema->ahead = true; }), ">ahead: a newer image was here<"));
  CHECK(has(page([](LiveStatus& s) {
              auto history = std::make_shared<LiveHistory>(*s.history);
              history->pending.push_back({"2", "b"});
              s.history = history;
            }),
            ">behind<"));
}

TEST_CASE("a process that knows nothing yet has a page, too") {
  const std::string page = status_page(LiveStatus{}, test_time(2));
  CHECK(has(page, ">connecting<"));
  CHECK(has(page, "data-busy=\"true\""));
  CHECK(has(page, "The history has not been read yet."));
}

}  // namespace headway::cli
