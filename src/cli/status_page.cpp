// Drawn on the server for each request; the script in it only fetches the page again and puts the
// new <main> in the old one's place, so that it does not flicker.
#include "cli/status_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>

#include "cli/http_routes.hpp"
#include "cli/text.hpp"

namespace headway::cli {
namespace {

constexpr std::size_t kRowsShown = 200;
constexpr std::size_t kBarsShown = 60;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:">
<noscript><meta http-equiv="refresh" content="10"></noscript>
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
:root{{color-scheme:light dark;--ink:#1c2733;--dim:#5d6b7a;--line:#d8dee6;--paper:#fff;--card:#f5f7fa;--good:#1a7f4b;--warn:#9a6700;--bad:#b3261e;--bar:#3b6fb6}}
@media (prefers-color-scheme:dark){{:root{{--ink:#e4e9ef;--dim:#98a5b3;--line:#38434f;--paper:#151b22;--card:#1d252e;--good:#4cc38a;--warn:#e0b040;--bad:#ff8a80;--bar:#6ea3e8}}}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}}
main{{max-width:64rem;margin:0 auto;padding:1.5rem}}
h1{{font-size:1.4rem;margin:0 0 1rem;display:flex;gap:.8rem;align-items:center;flex-wrap:wrap}}
h2{{font-size:1.05rem;margin:2rem 0 .5rem}}
.badge{{font-size:.85rem;font-weight:600;padding:.1rem .7rem;border-radius:1rem;border:1px solid currentColor}}
.good{{color:var(--good)}}.warn{{color:var(--warn)}}.bad{{color:var(--bad)}}.dim{{color:var(--dim)}}
dl{{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.8rem;margin:0}}
dl div,.note{{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .9rem}}
dt{{color:var(--dim);font-size:.8rem}}dd{{margin:0;font-weight:600;overflow-wrap:anywhere}}
.note{{margin:1rem 0;overflow-wrap:anywhere}}.note.bad{{border-color:var(--bad)}}
progress{{width:100%}}
table{{border-collapse:collapse;width:100%}}
th,td{{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}}
th{{color:var(--dim);font-weight:500;font-size:.85rem}}
td.number,th.number{{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}}
td.version{{font-family:ui-monospace,monospace;white-space:nowrap}}
td.name{{overflow-wrap:anywhere}}td.time{{white-space:nowrap}}
svg{{width:100%;height:auto;background:var(--card);border:1px solid var(--line);border-radius:.5rem}}
svg text{{fill:var(--dim);font-size:11px}}svg line{{stroke:var(--line)}}svg rect{{fill:var(--bar)}}
footer{{margin-top:2rem;color:var(--dim);font-size:.85rem}}a{{color:inherit}}
</style>
</head>
<body>
)";

constexpr std::string_view kTail = R"(<script>
(function again() {
  var busy = document.querySelector("main").dataset.busy === "true";
  setTimeout(function () {
    fetch(location.pathname, {cache: "no-store"}).then(function (r) { return r.text(); }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html");
      if (!fresh.querySelector("main[data-busy]")) throw new Error("somebody else answers");
      document.querySelector("main").replaceWith(fresh.querySelector("main"));
      document.title = fresh.title;
    }).catch(function () {
      document.querySelector("footer").firstElementChild.textContent = "This process does not answer any more; what is above is old.";
    }).finally(again);
  }, busy ? 1000 : 5000);
})();
</script>
</body>
</html>
)";

/// For text and for attributes in double quotes.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string titled(std::string_view version, std::string_view name) {
  if (version.empty()) return escaped(name);
  return name.empty() ? escaped(version) : escaped(version) + ' ' + escaped(name);
}

struct Badge {
  std::string_view text;
  std::string_view colour;
};

Badge badge(const LiveStatus& status) {
  using engine::State;
  if (status.schema && status.schema->dirty) return {"half applied", "bad"};
  if (status.degraded) return {"degraded: the upgrade failed", "warn"};
  switch (status.state) {
    case State::Connecting: return {"connecting", "warn"};
    case State::WaitingLock: return {"waiting for another process", "warn"};
    case State::Validating: return {"looking", "warn"};
    case State::Applying: return {"migrating", "warn"};
    case State::Failed: return {"failed", "bad"};
    case State::Done: break;
  }
  if (!status.database_up) return {"the database is out of reach", "warn"};
  if (!status.pending_now().empty()) return {"behind", "warn"};
  if (status.schema && status.schema->ahead) return {"ahead: a newer image was here", "good"};
  return {"up to date", "good"};
}

void card(std::string& out, std::string_view term, const std::string& value) {
  out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", term, value);
}

void cards(std::string& out, const LiveStatus& status, Timestamp now) {
  out += "<dl>\n";
  if (status.schema) {
    card(out, "Current version", escaped(status.schema->current_version));
    card(out, "Target", escaped(status.schema->target_version));
    card(out, "Pending", std::to_string(status.pending_now().size()));
    card(out, "Applied", std::to_string(status.schema->applied));
  }
  if (status.last_run) {
    const LiveStatus::Run& run = *status.last_run;
    card(out, "Last run",
         fmt::format("{} {} in {}", escaped(run.command), run.error ? "failed" : "succeeded",
                     format_duration(run.duration)));
  }
  card(out, "Up for", format_duration(std::max(now - status.started, Microseconds::zero())));
  out += "</dl>\n";
}

/// The page asks for no password: what others run is not shown on it.
void around(std::string& out, const engine::Activity& activity) {
  const auto tell = [&out](std::string_view what,
                           const std::vector<engine::SessionSeen>& sessions) {
    if (sessions.empty()) return;
    std::string names;
    for (const engine::SessionSeen& session : sessions) {
      if (!names.empty()) names += ", ";
      names += session.application_name.empty()
                   ? fmt::format("process {}", session.pid)
                   : fmt::format("{} (process {})", session.application_name, session.pid);
    }
    out += fmt::format("<p class=\"note warn\">{} {}</p>\n", what, escaped(names));
  };
  tell("It waits for", activity.blocking);
  tell("Waiting for it:", activity.blocked);
  if (activity.progress) {
    out += fmt::format("<p class=\"note\">{}</p>\n", escaped(activity.progress->text()));
  }
}

void running(std::string& out, const LiveStatus& status, Timestamp now) {
  if (status.running) {
    const LiveStatus::Running& step = *status.running;
    const std::size_t total = std::max<std::size_t>(step.total, 1);
    std::string statement;
    if (step.statements > 1 && step.statement != 0) {
      statement = fmt::format(", statement {} of {}", step.statement, step.statements);
    }
    out += fmt::format(
        "<div class=\"note\">Running <b>{}</b> for {} (step {} of {}{})"
        "<progress value=\"{}\" max=\"{}\"></progress></div>\n",
        titled(step.version, step.name),
        format_duration(std::max(now - step.since, Microseconds::zero())), step.index + 1, total,
        statement, step.index, total);
    around(out, step.around);
  }
  if (!status.waiting_for.empty()) {
    out += fmt::format("<p class=\"note warn\">Waiting for {}</p>\n", escaped(status.waiting_for));
  }
}

void failure(std::string& out, const LiveStatus& status) {
  if (!status.last_run || !status.last_run->error) return;
  const ErrorInfo& error = *status.last_run->error;
  out += fmt::format(
      "<div class=\"note bad\"><b>{}</b> (exit code {})<br>{}<br><span class=\"dim\">{}</span>"
      "</div>\n",
      escaped(error.id_text()), error.exit_code(), escaped(error.message),
      escaped(error.next_step()));
}

// ---- durations, on a logarithmic scale: a millisecond and an hour in one picture ----

struct Tick {
  double seconds;
  std::string_view label;
};
constexpr std::array kTicks{Tick{0.001, "1 ms"}, Tick{0.01, "10 ms"}, Tick{0.1, "0.1 s"},
                            Tick{1, "1 s"},      Tick{10, "10 s"},    Tick{60, "1 min"},
                            Tick{600, "10 min"}, Tick{3600, "1 h"},   Tick{36000, "10 h"}};

constexpr double kWidth = 900;
constexpr double kHeight = 180;
constexpr double kLeft = 60;
constexpr double kTop = 12;
constexpr double kBottom = 168;
constexpr double kLowest = 0.0001;  ///< seconds, at the bottom

class Scale {
 public:
  explicit Scale(double highest) : top_(std::log10(std::max(highest, 0.01) * 1.3)) {}
  [[nodiscard]] double y(double seconds) const {
    const double low = std::log10(kLowest);
    const double at = (std::log10(std::max(seconds, kLowest)) - low) / (top_ - low);
    return kBottom - at * (kBottom - kTop);
  }

 private:
  double top_;
};

double in_seconds(Microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

void chart(std::string& out, const std::vector<LiveHistory::Row>& rows) {
  std::vector<const LiveHistory::Row*> timed;
  for (const LiveHistory::Row& row : rows) {
    if (row.duration) timed.push_back(&row);
  }
  if (timed.empty()) return;
  if (timed.size() > kBarsShown) {
    timed.erase(timed.begin(), timed.end() - static_cast<std::ptrdiff_t>(kBarsShown));
  }
  double highest = 0;
  for (const auto* row : timed) highest = std::max(highest, in_seconds(*row->duration));
  const Scale scale(highest);

  out += fmt::format(
      "<h2>Durations</h2>\n<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"How long the last "
      "{} took, on a logarithmic scale\">\n",
      kWidth, kHeight, count_of(timed.size(), "migration"));
  for (const Tick& tick : kTicks) {
    const double y = scale.y(tick.seconds);
    if (y < kTop) continue;
    out += fmt::format(
        "<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><text x=\"{}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{}</text>\n",
        kLeft, kWidth, y, y, kLeft - 8, y + 4, tick.label);
  }
  const double step = std::min((kWidth - kLeft - 10) / static_cast<double>(timed.size()), 40.0);
  double x = kLeft + 5;
  for (const auto* row : timed) {
    const double y = std::min(scale.y(in_seconds(*row->duration)), kBottom - 1);
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}: "
        "{}</title></rect>\n",
        x, y, std::max(step - 2, 1.0), kBottom - y, titled(row->version, row->name),
        format_duration(*row->duration));
    x += step;
  }
  out += "</svg>\n";
}

// ---- tables ----

void named_table(std::string& out, std::string_view title,
                 const std::vector<LiveHistory::Named>& rows) {
  if (rows.empty()) return;
  out += fmt::format("<h2>{}</h2>\n<table><tr><th>Version</th><th>Name</th></tr>\n", title);
  const std::size_t shown = std::min(rows.size(), kRowsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    out += fmt::format("<tr><td class=\"version\">{}</td><td class=\"name\">{}</td></tr>\n",
                       rows[i].version.empty() ? "repeatable" : escaped(rows[i].version),
                       escaped(rows[i].name));
  }
  out += "</table>\n";
  if (shown < rows.size()) {
    out += fmt::format("<p class=\"dim\">and {} more</p>\n", rows.size() - shown);
  }
}

void history_table(std::string& out, const std::vector<LiveHistory::Row>& rows) {
  out +=
      "<h2>History</h2>\n<table><tr><th>Version</th><th>Name</th><th>Applied</th>"
      "<th class=\"number\">Took</th><th>State</th></tr>\n";
  const std::size_t shown = std::min(rows.size(), kRowsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const LiveHistory::Row& row = rows[rows.size() - 1 - i];
    out += fmt::format(
        "<tr><td class=\"version\">{}</td><td class=\"name\">{}</td><td class=\"time\">{}</td>"
        "<td class=\"number\">{}</td><td class=\"{}\">{}</td></tr>\n",
        escaped(row.version), escaped(row.name), format_time(row.applied_at),
        row.duration ? format_duration(*row.duration) : "", row.state == "applied" ? "good" : "bad",
        escaped(row.state));
  }
  out += "</table>\n";
  if (rows.empty()) out += "<p class=\"dim\">Nothing has been applied yet.</p>\n";
  if (shown < rows.size()) {
    out += fmt::format("<p class=\"dim\">the newest {} of {}</p>\n", shown, rows.size());
  }
}

}  // namespace

std::string status_page(const LiveStatus& status, Timestamp now) {
  const Badge state = badge(status);
  const bool busy = !has_started(status) && status.state != engine::State::Failed;
  std::string out = fmt::format(
      fmt::runtime(kHead),
      fmt::arg("title", fmt::format("{}: {} - Headway", escaped(status.database), state.text)));
  out += fmt::format("<main data-busy=\"{}\">\n<h1>{} <span class=\"badge {}\">{}</span></h1>\n",
                     busy, escaped(status.database), state.colour, state.text);
  cards(out, status, now);
  failure(out, status);
  running(out, status, now);
  if (status.history) {
    const auto rows = status.applied_now();
    named_table(out, "Pending", status.pending_now());
    named_table(out, "Pending in the other phase", status.history->other_phase);
    named_table(out, "Applied by a newer image", status.history->unknown);
    chart(out, rows);
    history_table(out, rows);
  }
  out += fmt::format(
      "<footer><span>{}</span> <a href=\"metrics\">metrics</a> &middot; <a href=\"status\">status "
      "as JSON</a></footer>\n</main>\n",
      status.looked_at ? fmt::format("History as of {}.", format_time(*status.looked_at))
                       : std::string("The history has not been read yet."));
  out += kTail;
  return out;
}

}  // namespace headway::cli
