#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace headway::cli {
namespace {

/// How many letters must be inserted, removed or exchanged to get from one word to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string did_you_mean(std::string_view prefix, std::string_view word,
                         std::span<const std::string_view> candidates) {
  const std::string_view guess = nearest(word, candidates);
  return guess.empty() ? std::string() : fmt::format("; did you mean {}{}?", prefix, guess);
}

std::string see_help(const Command* command) {
  return command == nullptr ? std::string("See `headway --help`.")
                            : fmt::format("See `headway {} --help`.", command->name);
}

bool is_relative_target(std::string_view word) {
  return word.size() > 1 && word[0] == '-' &&
         word.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

class Parser {
 public:
  explicit Parser(std::span<const std::string_view> words) : words_(words) {}

  Arguments parse() {
    while (next_ < words_.size()) {
      const std::string_view word = words_[next_++];
      if (only_positional_ || word.size() < 2 || word[0] != '-' || is_relative_target(word)) {
        positional(word);
      } else if (word == "--") {
        only_positional_ = true;
      } else if (word == "-h" || word == "--help") {
        result_.help = true;
      } else if (word == "--version") {
        result_.version = true;
      } else if (word[1] == '-') {
        long_option(word.substr(2));
      } else {
        short_option(word);
      }
    }
    if (!result_.help && !result_.version) check();
    return std::move(result_);
  }

 private:
  void positional(std::string_view word) {
    if (result_.command != nullptr) {
      result_.positional.emplace_back(word);
    } else if (word == "help") {
      result_.help = true;
    } else if ((result_.command = find_command(word)) == nullptr) {
      std::vector<std::string_view> names;
      for (const Command& c : all_commands()) names.push_back(c.name);
      throw Error(ErrorId::BadFlag,
                  fmt::format("there is no command \"{}\"{}", word, did_you_mean("", word, names)))
          .next("See `headway --help` for the commands there are.");
    }
  }

  void long_option(std::string_view text) {
    const auto equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    const Option* option = find_option(name);
    if (option == nullptr) {
      std::vector<std::string_view> names;
      for (const Option& o : all_options()) {
        if (result_.command == nullptr || o.commands.contains(result_.command->id)) {
          names.push_back(o.name);
        }
      }
      throw Error(ErrorId::BadFlag,
                  fmt::format("there is no option --{}{}", name, did_you_mean("--", name, names)))
          .next(see_help(result_.command));
    }
    if (equals != std::string_view::npos) {
      given(*option, text.substr(equals + 1), true);
    } else {
      given(*option, {}, false);
    }
  }

  void short_option(std::string_view word) {
    const Option* option = find_option(word[1]);
    if (option == nullptr) {
      throw Error(ErrorId::BadFlag, fmt::format("there is no option {}", word.substr(0, 2)))
          .next(see_help(result_.command));
    }
    given(*option, word.substr(2), word.size() > 2);
  }

  void given(const Option& option, std::string_view value, bool has_value) {
    if (!option.takes_value()) {
      const std::string_view set = has_value ? truth(value) : "true";
      if (set.empty()) {
        throw Error(ErrorId::BadFlag,
                    fmt::format("--{}: \"{}\" is neither true nor false", option.name, value))
            .next(see_help(result_.command));
      }
      result_.options.push_back({&option, std::string(set)});
      return;
    }
    if (!has_value) {
      if (next_ == words_.size()) {
        throw Error(ErrorId::BadFlag, fmt::format("--{} lacks its value", option.name))
            .next(see_help(result_.command));
      }
      value = words_[next_++];
    }
    result_.options.push_back({&option, std::string(value)});
  }

  void check() const {
    if (result_.command == nullptr) return;
    const Command& command = *result_.command;
    for (const GivenOption& given : result_.options) {
      if (!given.option->commands.contains(command.id)) {
        throw Error(ErrorId::BadFlag, fmt::format("--{} is not an option of `headway {}`",
                                                  given.option->name, command.name))
            .next(see_help(&command));
      }
    }
    const std::size_t most = command.argument == Argument::None ? 0 : 1;
    if (result_.positional.size() > most) {
      throw Error(ErrorId::BadFlag,
                  fmt::format("`headway {}` takes {} and got \"{}\" besides", command.name,
                              most == 0 ? "no argument" : "one argument", result_.positional[most]))
          .next(see_help(&command));
    }
    if (command.argument == Argument::Required && result_.positional.empty()) {
      throw Error(ErrorId::BadFlag,
                  fmt::format("`headway {}` lacks its {}", command.name, command.argument_name))
          .next(see_help(&command));
    }
  }

  std::span<const std::string_view> words_;
  std::size_t next_ = 0;
  bool only_positional_ = false;
  Arguments result_;
};

}  // namespace

Arguments parse_arguments(std::span<const std::string_view> words) { return Parser(words).parse(); }

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  // A third of the word may be wrong: more would guess at random.
  std::size_t best_distance = word.size() / 3 + 2;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::string_view truth(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (lower == yes) return "true";
  }
  for (const std::string_view no : {"false", "0", "no", "off"}) {
    if (lower == no) return "false";
  }
  return {};
}

}  // namespace headway::cli
