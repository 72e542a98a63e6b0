// adopt: takes over another tool's history, and runs nothing.
#include <span>

#include "engine/runner.hpp"

namespace headway::engine {

RunReport adopt(Context& context, const migration::Source& source) {
  RunRequest request;
  request.adopts = RunRequest::Adopts::Always;
  request.plan = [](const migration::History& history, std::span<const DoneStep>) {
    migration::Plan plan;
    plan.current = history.last();
    plan.target = {history.last()};
    return plan;
  };
  return Runner(context, source, std::move(request)).run();
}

}  // namespace headway::engine
