#include "cli/alembic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "cli/text.hpp"
#include "files/program.hpp"

namespace headway::cli {
namespace {

using formats::AlembicRevision;
using formats::AlembicScript;
using formats::AlembicWay;

/// The last line that says something: in Python that is what was raised.
std::string last_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t begin = text.find_last_of('\n') + 1;  // npos + 1 is 0
    const std::string_view line = text.substr(begin);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return one_line(line);
    text.remove_suffix(text.size() - (begin == 0 ? 0 : begin - 1));
  }
  return {};
}

std::string failed(const files::ProgramEnd& end) {
  const std::string line = last_line(end.err.empty() ? end.out : end.err);
  return line.empty() ? fmt::format("it exits with {}", end.code) : line;
}

}  // namespace

std::string Alembic::ask(const std::vector<std::string>& arguments) const {
  files::ProgramEnd end = files::run_program(command_, arguments);
  if (end.code == 0) return std::move(end.out);
  throw Error(ErrorId::BadConfiguration, fmt::format("`{} {}` exits with {}: {}", command_,
                                                     arguments.front(), end.code, failed(end)))
      .next(
          "Call it where alembic.ini is and alembic runs, or say how with --alembic=COMMAND, such "
          "as --alembic=\"poetry run alembic -c db/alembic.ini\".");
}

std::vector<AlembicRevision> Alembic::revisions() const {
  std::vector<AlembicRevision> all = formats::parse_alembic_history(ask({"history", "--verbose"}));
  if (all.empty()) {
    throw Error(ErrorId::SourceEmpty, fmt::format("`{} history` tells of no revision", command_));
  }
  const auto known = [&all](const std::string& id) {
    return std::ranges::find(all, id, &AlembicRevision::id) != all.end();
  };
  for (AlembicRevision& revision : all) {
    for (std::string& name : revision.depends_on) {
      if (known(name)) continue;
      // A label, or the beginning of an id.
      const auto shown = formats::parse_alembic_history(ask({"show", name}));
      if (!shown.empty()) name = shown.front().id;
    }
  }
  return formats::in_order(std::move(all));
}

void Alembic::print_way(const AlembicRevision& revision, AlembicWay way, AlembicScript& script,
                        std::string& problem) const {
  std::vector<std::string> parents = revision.parents;
  if (parents.empty()) parents.emplace_back("base");
  // A merge is reached from any of its parents; from some of them the way leads through others'
  // revisions, of which one may not be printable.
  for (const std::string& parent : parents) {
    const bool up = way == AlembicWay::Up;
    const files::ProgramEnd end = files::run_program(
        command_,
        {up ? "upgrade" : "downgrade",
         up ? fmt::format("{}:{}", parent, revision.id) : fmt::format("{}:{}", revision.id, parent),
         "--sql"});
    if (end.code != 0) {
      problem = failed(end);
      continue;
    }
    script = formats::script_of(end.out, revision, way, revision.path);
    problem = script.found ? "" : "its output does not tell of this revision";
    if (script.found) return;
  }
}

std::vector<PrintedRevision> Alembic::print(const std::vector<AlembicRevision>& revisions,
                                            bool with_down,
                                            const std::function<void(std::size_t)>& done) const {
  std::vector<PrintedRevision> out(revisions.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t through = 0;
  std::exception_ptr thrown;
  const auto work = [&] {
    for (std::size_t i = next++; i < revisions.size(); i = next++) {
      try {
        print_way(revisions[i], AlembicWay::Up, out[i].up, out[i].up_problem);
        if (with_down) print_way(revisions[i], AlembicWay::Down, out[i].down, out[i].down_problem);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!thrown) thrown = std::current_exception();
        next = revisions.size();
        return;
      }
      const std::scoped_lock lock(mutex);
      done(++through);
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t many =
        std::min<std::size_t>(revisions.size(), std::max(std::thread::hardware_concurrency(), 1U));
    for (std::size_t i = 0; i < many; ++i) threads.emplace_back(work);
  }
  if (thrown) std::rethrow_exception(thrown);
  return out;
}

}  // namespace headway::cli
