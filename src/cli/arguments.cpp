#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>
#include <unordered_map>

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

/// No word of a command line holds this character.  Behind the `=` of `--name=` it keeps CLI11 from
/// taking an empty value for a missing one, and the next word in its place.
constexpr char kMark = '\0';

std::string marked(std::string_view word) {
  std::string out(word);
  const auto equals = out.find('=');
  if (word.starts_with("--") && equals != std::string::npos) out.insert(equals + 1, 1, kMark);
  return out;
}

std::string unmarked(std::string word) {
  std::erase(word, kMark);
  return word;
}

/// The option that a word names, if it is not another one's value; null if there is none.
const Option* named_by(std::string_view word) {
  if (word.starts_with("--")) return find_option(word.substr(2, word.find('=') - 2));
  return word.size() > 1 && word[0] == '-' ? find_option(word[1]) : nullptr;
}

std::string names_of(const Option& option) {
  return option.letter != 0 ? fmt::format("-{},--{}", option.letter, option.name)
                            : fmt::format("--{}", option.name);
}

/// CLI11 leaves a word alone where it is no option that it knows; this tells options that nobody
/// knows from arguments, as CLI11 does: a number below zero is an argument.
bool looks_like_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

class Parser {
 public:
  explicit Parser(std::span<const std::string_view> words) : words_(words) {
    app_.set_help_flag();
    app_.allow_extras();
    help_ = app_.add_flag("-h,--help");
    version_ = app_.add_flag("--version");
    // Only what may be meant: to declare every option would double the time that starting takes.
    for (const std::string_view word : words_) {
      if (const Option* option = named_by(word)) declare(*option);
    }
  }

  Arguments parse() {
    const bool complete = read();
    result_.help = help_->count() > 0;
    result_.version = version_->count() > 0;
    sort_remaining();
    if (!complete) {
      // Only the last word can lack what should stand behind it.
      throw Error(ErrorId::BadFlag,
                  fmt::format("--{} lacks its value", named_by(words_.back())->name))
          .next(see_help(result_.command));
    }
    collect_options();
    if (!result_.help && !result_.version) check();
    return std::move(result_);
  }

 private:
  void declare(const Option& option) {
    const auto same = [&](const auto& entry) { return entry.second == &option; };
    if (std::ranges::any_of(declared_, same)) return;
    CLI::Option* declared =
        option.takes_value() ? app_.add_option(names_of(option)) : app_.add_flag(names_of(option));
    declared->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    declared_.emplace(declared, &option);
  }

  /// False: the words ended where a value should stand.
  bool read() {
    std::vector<std::string> reversed;
    for (auto word = words_.rbegin(); word != words_.rend(); ++word) {
      reversed.push_back(marked(*word));
    }
    try {
      app_.parse(reversed);
    } catch (const CLI::ArgumentMismatch&) {
      return false;
    }
    return true;
  }

  /// What CLI11 left: the command, its arguments, and options that do not exist.
  void sort_remaining() {
    bool options_ended = false;
    for (const std::string& left : app_.remaining()) {
      const std::string word = unmarked(left);
      if (!options_ended && word == "--") {
        options_ended = true;
      } else if (!options_ended && looks_like_option(word)) {
        unknown_option(word);
      } else {
        positional(word);
      }
    }
  }

  void positional(const std::string& word) {
    if (result_.command != nullptr) {
      result_.positional.push_back(word);
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

  void unknown_option(std::string_view word) const {
    if (result_.help) return;
    if (word[1] != '-') {
      throw Error(ErrorId::BadFlag, fmt::format("there is no option {}", word.substr(0, 2)))
          .next(see_help(result_.command));
    }
    const std::string_view name = word.substr(2, word.find('=') - 2);
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

  /// In the order of the line: the last word counts, also between options that exclude each other.
  void collect_options() {
    std::unordered_map<const CLI::Option*, std::size_t> taken;
    for (const CLI::Option* declared : app_.parse_order()) {
      const auto found = declared_.find(declared);
      if (found == declared_.end()) continue;  // --help, --version
      const Option& option = *found->second;
      std::string value = unmarked(declared->results()[taken[declared]++]);
      if (!option.takes_value()) {
        const std::string_view set = truth(value);
        if (set.empty()) {
          throw Error(ErrorId::BadFlag,
                      fmt::format("--{}: \"{}\" is neither true nor false", option.name, value))
              .next(see_help(result_.command));
        }
        value = set;
      }
      result_.options.push_back({&option, std::move(value)});
    }
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
  CLI::App app_;
  CLI::Option* help_ = nullptr;
  CLI::Option* version_ = nullptr;
  std::unordered_map<const CLI::Option*, const Option*> declared_;
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
