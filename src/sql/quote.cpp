#include <algorithm>
#include <string>
#include <string_view>

#include "sql/normalize.hpp"

namespace headway::sql {
namespace {

// Words that PostgreSQL 14 to 18 don't take for a name everywhere: all keywords but the unreserved
// ones.  Each stands between blanks.
constexpr std::string_view kKeywords =
    " all analyse analyze and any array as asc asymmetric authorization between bigint binary "
    "bit boolean both case cast char character check coalesce collate collation column "
    "concurrently constraint create cross current_catalog current_date current_role "
    "current_schema current_time current_timestamp current_user dec decimal default deferrable "
    "desc distinct do else end except exists extract false fetch float for foreign freeze from "
    "full grant greatest group grouping having ilike in initially inner inout int integer "
    "intersect interval into is isnull join json json_array json_arrayagg json_exists "
    "json_object json_objectagg json_query json_scalar json_serialize json_table json_value "
    "lateral leading least left like limit localtime localtimestamp merge_action national "
    "natural nchar none normalize not notnull null nullif numeric offset on only or order out "
    "outer overlaps overlay placing position precision primary real references returning right "
    "row select session_user setof similar smallint some substring symmetric system_user table "
    "tablesample then time timestamp to trailing treat trim true union unique user using values "
    "varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement "
    "xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable ";

bool is_keyword(std::string_view name) {
  std::string between(1, ' ');
  between += name;
  between += ' ';
  return kKeywords.find(between) != std::string_view::npos;
}

bool is_plain_name(std::string_view name) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto rest = [&](char c) { return first(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && first(name.front()) && std::all_of(name.begin(), name.end(), rest) &&
         !is_keyword(name);
}

void append_doubled(std::string& out, std::string_view text, std::string_view doubled) {
  for (const char c : text) {
    if (doubled.find(c) != std::string_view::npos) out += c;
    out += c;
  }
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  if (is_plain_name(name)) return std::string(name);
  std::string out = "\"";
  append_doubled(out, name, "\"");
  return out + '"';
}

std::string quote_literal(std::string_view value) {
  const bool escapes = value.find('\\') != std::string_view::npos;
  std::string out = escapes ? "E'" : "'";
  append_doubled(out, value, "'\\");
  return out + '\'';
}

}  // namespace headway::sql
