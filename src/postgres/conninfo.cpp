#include "postgres/conninfo.hpp"

namespace headway::postgres {

const std::string* ConnectionParameters::find(std::string_view keyword) const {
  // As in libpq, the last one wins.
  for (auto it = keywords.rbegin(); it != keywords.rend(); ++it) {
    if (it->first == keyword) return &it->second;
  }
  return nullptr;
}

}  // namespace headway::postgres
