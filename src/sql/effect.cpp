#include "sql/effect.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sql/scanner.hpp"
#include "sql/text.hpp"

namespace headway::sql {
namespace {

/// Reads a statement from its beginning, word by word.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), scanner_(text), token_(scanner_.next()) {}

  [[nodiscard]] bool is(std::string_view upper) const {
    return token_.kind == TokenKind::Word && is_word(token_.in(text_), upper);
  }
  bool take(std::string_view upper) {
    if (!is(upper)) return false;
    advance();
    return true;
  }
  bool take_all(std::initializer_list<std::string_view> uppers) {
    return std::all_of(uppers.begin(), uppers.end(),
                       [this](std::string_view upper) { return take(upper); });
  }
  /// Past a parenthesis that opens here, if one does.
  void skip_options() {
    if (token_.kind != TokenKind::Open) return;
    for (std::size_t depth = 0; token_.kind != TokenKind::End; advance()) {
      if (token_.kind == TokenKind::Open) ++depth;
      if (token_.kind == TokenKind::Close && --depth == 0) break;
    }
    advance();
  }
  [[nodiscard]] bool at_name() const {
    return token_.kind == TokenKind::Word ||
           (token_.kind == TokenKind::QuotedName && text_[token_.begin] == '"');
  }
  /// A name, qualified or not; empty if there is none.
  std::string take_name() {
    if (!at_name()) return {};
    const std::size_t begin = token_.begin;
    std::size_t end = token_.end;
    for (advance(); token_.kind == TokenKind::Dot; advance()) {
      advance();
      if (!at_name()) return {};
      end = token_.end;
    }
    end_of_last_ = end;
    return std::string(text_.substr(begin, end - begin));
  }
  [[nodiscard]] std::string_view behind_last_name() const { return text_.substr(end_of_last_); }
  [[nodiscard]] bool at_end() const { return token_.kind == TokenKind::End; }
  [[nodiscard]] std::string_view word() const { return token_.in(text_); }
  void advance() { token_ = scanner_.next(); }

 private:
  std::string_view text_;
  Scanner scanner_;
  Token token_;
  std::size_t end_of_last_ = 0;
};

Effect create_index(Reader& words) {
  Effect effect;
  const bool unique = words.take("UNIQUE");
  if (!words.take_all({"INDEX", "CONCURRENTLY"})) return effect;
  if (words.is("IF") && !words.take_all({"IF", "NOT", "EXISTS"})) return effect;
  if (words.is("ON")) return effect;  // the server chooses the name
  effect.name = words.take_name();
  if (effect.name.empty() || !words.take("ON")) return {};
  const bool only = words.take("ONLY");
  effect.table = words.take_name();
  if (effect.table.empty() || only) return {};
  effect.definition_head = unique ? "CREATE UNIQUE INDEX ON " : "CREATE INDEX ON ";
  effect.definition_tail = words.behind_last_name();
  effect.kind = Effect::Kind::CreateIndex;
  return effect;
}

Effect named(Effect::Kind kind, std::string name) {
  Effect effect;
  if (name.empty()) return effect;
  effect.kind = kind;
  effect.name = std::move(name);
  return effect;
}

Effect drop(Reader& words) {
  const bool database = words.take("DATABASE");
  if (!database && !words.take_all({"INDEX", "CONCURRENTLY"})) return {};
  if (words.is("IF") && !words.take_all({"IF", "EXISTS"})) return {};
  return named(database ? Effect::Kind::DropDatabase : Effect::Kind::DropIndex, words.take_name());
}

Effect again() {
  Effect effect;
  effect.kind = Effect::Kind::Again;
  return effect;
}

Effect reindex(Reader& words) {
  words.skip_options();
  const bool index = words.is("INDEX");
  const bool table = words.is("TABLE");
  // A whole schema or database: it is done anew, and what one table had left over stays.
  if (!index && !table) return again();
  words.advance();
  words.take("CONCURRENTLY");
  return named(index ? Effect::Kind::ReindexIndex : Effect::Kind::ReindexTable, words.take_name());
}

Effect detach(Reader& words) {
  words.take("TABLE");
  if (words.is("IF") && !words.take_all({"IF", "EXISTS"})) return {};
  Effect effect;
  effect.table = words.take_name();
  if (effect.table.empty() || !words.take_all({"DETACH", "PARTITION"})) return {};
  effect.name = words.take_name();
  if (effect.name.empty() || !(words.is("CONCURRENTLY") || words.is("FINALIZE"))) return {};
  effect.kind = Effect::Kind::Detach;
  return effect;
}

}  // namespace

Effect effect_of(std::string_view statement) {
  Reader words(statement);
  if (words.take("CREATE")) {
    if (words.take("DATABASE")) return named(Effect::Kind::CreateDatabase, words.take_name());
    return create_index(words);
  }
  if (words.take("DROP")) return drop(words);
  if (words.take("REINDEX")) return reindex(words);
  if (words.take("ALTER")) {
    if (words.is("SYSTEM")) return again();
    return words.is("TABLE") ? detach(words) : Effect{};
  }
  for (const std::string_view command : {"VACUUM", "ANALYZE", "CLUSTER", "CHECKPOINT"}) {
    if (words.is(command)) return again();
  }
  return {};
}

}  // namespace headway::sql
