// Go templates, as far as tern's users write them: values are put in, and other files.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "formats/environment.hpp"

namespace headway::formats {

/// Thrown for what is more than that: conditions, loops, most functions, a name without a value.
struct UnknownAction {
  std::string what;  ///< "the action {{if .x}}"
};

using TemplateValues = std::map<std::string, std::string, std::less<>>;

/// Fills in {{.name}}, {{env "NAME"}}, {{.name | default "text"}}, {{default "text" .name}}, and
/// {{template "file"}} with nothing, a text or the dot handed on; "{{- " and " -}}" trim.
/// The functions are those of sprig, which tern adds to Go's.
class Templates {
 public:
  Templates(TemplateValues values, Variables variable)
      : values_(std::move(values)), variable_(std::move(variable)) {}

  /// For {{template "name"}}; `text` outlives this.
  void add_part(std::string name, std::string_view text) { parts_[std::move(name)] = text; }

  /// Throws UnknownAction.
  [[nodiscard]] std::string filled(std::string_view text) const;

 private:
  struct Everything {};                                               // what {{.name}} looks into
  using Dot = std::variant<std::monostate, Everything, std::string>;  // monostate: none
  using Value = std::optional<std::string>;                           // nothing: nil

  [[nodiscard]] std::string filled(std::string_view text, const Dot& dot, int depth) const;
  [[nodiscard]] std::string value_of(std::string_view action, const Dot& dot, int depth) const;
  [[nodiscard]] std::optional<Value> pipeline(std::string_view text, const Dot& dot) const;
  [[nodiscard]] std::optional<Value> operand(std::string_view word, const Dot& dot) const;
  [[nodiscard]] std::optional<std::string> part(std::string_view words, const Dot& dot,
                                                int depth) const;

  TemplateValues values_;
  Variables variable_;
  std::map<std::string, std::string_view, std::less<>> parts_;
};

}  // namespace headway::formats
