#include "postgres/table_names.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "base/error.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

// PostgreSQL cuts identifiers off at 63 bytes; the longest suffix that we or it append has to fit.
constexpr std::size_t kLongestIdentifier = 63;
constexpr std::string_view kLongestSuffix = "_repeatable_current";

std::string qualified(const std::string& schema, const std::string& table) {
  return sql::quote_identifier(schema) + '.' + sql::quote_identifier(table);
}

void require_short(std::string_view what, const std::string& name, std::size_t limit) {
  if (!name.empty() && name.size() <= limit && name.find('\0') == std::string::npos) return;
  throw Error(ErrorId::BadConfiguration,
              fmt::format("{} must have 1 to {} bytes: \"{}\"", what, limit, name));
}

}  // namespace

TableNames::TableNames(std::string schema, std::string table)
    : schema_(std::move(schema)), history_(std::move(table)) {
  require_short("--history-schema", schema_, kLongestIdentifier);
  require_short("--history-table", history_, kLongestIdentifier - kLongestSuffix.size());
  const std::string prefix = history_ == "history" ? std::string() : history_ + '_';
  repeatable_ = prefix + "repeatable";
  events_ = prefix + "events";
  layout_ = prefix + "layout";

  std::string names = "ARRAY[";
  for (const auto* name : {&history_, &repeatable_, &events_, &layout_}) {
    if (name != &history_) names += ", ";
    names += sql::quote_literal(*name);
  }
  names += ']';

  placeholders_ = {
      {"{{schema}}", sql::quote_identifier(schema_)},
      {"{{schema_literal}}", sql::quote_literal(schema_)},
      {"{{history}}", qualified(schema_, history_)},
      {"{{history_literal}}", sql::quote_literal(history_)},
      {"{{history_qualified}}", sql::quote_literal(qualified(schema_, history_))},
      {"{{repeatable}}", qualified(schema_, repeatable_)},
      {"{{repeatable_qualified}}", sql::quote_literal(qualified(schema_, repeatable_))},
      {"{{repeatable_index}}", sql::quote_identifier(repeatable_ + "_current")},
      {"{{events}}", qualified(schema_, events_)},
      {"{{events_qualified}}", sql::quote_literal(qualified(schema_, events_))},
      {"{{layout}}", qualified(schema_, layout_)},
      {"{{layout_qualified}}", sql::quote_literal(qualified(schema_, layout_))},
      {"{{names}}", names},
  };
}

std::string TableNames::fill(std::string_view query) const {
  std::string out;
  out.reserve(query.size() + 64);
  for (;;) {
    const auto open = query.find("{{");
    out += query.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = query.find("}}", open) + 2;
    const auto placeholder = query.substr(open, close - open);
    bool known = false;
    for (const auto& [name, value] : placeholders_) {
      if (name != placeholder) continue;
      out += value;
      known = true;
    }
    if (!known) out += placeholder;
    query.remove_prefix(close);
  }
}

std::string TableNames::qualified_history() const { return qualified(schema_, history_); }

}  // namespace headway::postgres
