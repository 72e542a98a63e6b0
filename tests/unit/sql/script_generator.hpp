// Makes valid scripts out of what is hard to cut: every quoting style, comments and blanks in all
// places, nested parentheses, CASE, BEGIN ATOMIC bodies.  The same seed makes the same scripts on
// every machine.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace headway::test {

class ScriptGenerator {
 public:
  explicit ScriptGenerator(std::uint32_t seed) : random_(seed) {}

  /// A few statements; the last one may lack its semicolon.
  std::string script();

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_()) % limit; }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  template <std::size_t N>
  std::string_view pick(const std::string_view (&choices)[N]) {
    return choices[below(static_cast<std::uint32_t>(N))];
  }

  // These append to the script; words and constants are set apart by blanks or comments.
  void words(std::string_view text);  ///< split at blanks, in any case
  void token(std::string_view text);
  void tight(std::string_view text);  ///< punctuation, which may stand close
  void gap();
  void separator();

  void statement();
  void select(int depth);
  void select_list(int depth);
  void expression(int depth);
  void constant();
  void name();
  void routine();
  void body_statement();

  static constexpr int kDepth = 4;

  std::mt19937 random_;
  std::string out_;
};

}  // namespace headway::test
