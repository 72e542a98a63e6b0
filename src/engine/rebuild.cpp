// The state that a history tells of, made anew in an empty database.
#include <fmt/format.h>

#include <algorithm>

#include "engine/executor.hpp"
#include "engine/runner.hpp"

namespace headway::engine {
namespace {

using migration::History;
using migration::Plan;
using migration::Source;
using migration::Step;

void require_files(const Source& source, const History& applied) {
  for (const migration::HistoryRow& row : applied.rows()) {
    if (row.state != migration::RowState::Applied) {
      throw Error(ErrorId::HalfApplied,
                  fmt::format("{} is half applied, a state that can't be made again in another "
                              "database",
                              row.version.text()))
          .version(row.version.text());
    }
    if (source.find(row.version) != nullptr) continue;
    throw Error(ErrorId::MissingFile,
                fmt::format("{} is applied and its file is not here, so the schema can't be made "
                            "again from this source",
                            row.version.text()))
        .version(row.version.text())
        .next("Bring the file back, or use the newer image that it came with.");
  }
}

Plan plan_of(const Source& source, const History& applied, const History& history) {
  Plan plan;
  plan.current = history.last();
  plan.target = {applied.last()};
  migration::Version previous(std::string{migration::kBase});
  for (const migration::HistoryRow& row : applied.rows()) {
    if (history.find(row.version) == nullptr) {
      Step step;
      step.version = row.version;
      step.name = row.name;
      step.previous = previous;
      step.migration = source.find(row.version);
      plan.steps.push_back(std::move(step));
    }
    previous = row.version;
  }
  for (const migration::Repeatable& repeatable : source.repeatables()) {
    const migration::Checksum& checksum = repeatable.script.checksum;
    // What was applied with another text is pending anyway, or of an older image.
    if (current_checksum(applied, repeatable.name) != checksum ||
        current_checksum(history, repeatable.name) == checksum) {
      continue;
    }
    Step step;
    step.action = Step::Action::Repeat;
    step.name = repeatable.name;
    step.repeatable = &repeatable;
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

}  // namespace

RunReport rebuild(Context& context, const Source& source, const History& applied) {
  require_files(source, applied);
  RunRequest request;
  request.plan = [&source, &applied](const History& history, std::span<const DoneStep>) {
    return plan_of(source, applied, history);
  };
  return Runner(context, source, std::move(request)).run();
}

}  // namespace headway::engine
