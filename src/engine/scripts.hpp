// The prepared scripts of a plan's steps, each made once.
#pragma once
#include <map>
#include <string>
#include <unordered_map>

#include "engine/connection.hpp"
#include "engine/script.hpp"
#include "migration/plan.hpp"

namespace headway::engine {

class Scripts {
 public:
  /// Null for a step that runs nothing.  Valid as long as this and the source.  Reads a stored way
  /// back through `connection`.  Throws what prepare() and read_down_sql() throw.
  const PreparedScript* of(const migration::Step& step, Connection& connection);

 private:
  struct Stored {
    migration::Script script;
    PreparedScript prepared;
  };
  const PreparedScript* stored_down(const migration::Step& step, Connection& connection);

  const PreparedScript* held(const migration::Script& file);

  std::unordered_map<const migration::Script*, PreparedScript> files_;
  std::unordered_map<const migration::Script*, Stored> held_;
  std::map<std::string, Stored> stored_;
};

}  // namespace headway::engine
