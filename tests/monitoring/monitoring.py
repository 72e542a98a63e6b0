"""What the tests of the alerts and of the dashboard share."""

import json
import os
import re
import subprocess
import sys

import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
CHART = os.path.join(ROOT, "charts/headway")
DASHBOARD = os.path.join(CHART, "dashboards/headway.json")
# What kube-state-metrics says where all goes wrong: the names that rules and panels may use, and
# what their queries are tried on.
KUBE_STATE_METRICS = os.path.join(ROOT, "tests/monitoring/kube-state-metrics.txt")


def helm():
    """The helm of .make/charts-tools; without it the test is skipped, or fails if required."""
    deps = os.environ.get("HEADWAY_DEPS", os.path.join(ROOT, ".deps"))
    found = os.path.join(deps, "charts", f"helm{os.environ.get('HEADWAY_HELM', '3')}")
    if not os.path.exists(found):
        print(f"skipped: there is no {found}; .make/charts-tools brings it", file=sys.stderr)
        sys.exit(1 if os.environ.get("HEADWAY_REQUIRE_HELM") else 77)
    return found


def render(template, *settings, release="hive", namespace="shop"):
    """The objects of one template of the chart, with `settings` as of --set."""
    command = [helm(), "template", release, CHART, "--namespace", namespace]
    command += ["--kube-version", "1.33.0", "--show-only", template]
    for setting in ("image.repository=hive", "database.existingSecret=hive", *settings):
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return [part for part in yaml.safe_load_all(done.stdout) if part]


def render_rules(*settings):
    """The chart's PrometheusRule; the Job is a hook, whose name is the same every time."""
    enabled = "metrics.prometheusRule.enabled=true"
    return render("templates/prometheusrule.yaml", enabled, "job.hook=helm", *settings)[0]


def rules_of(prometheus_rule):
    return [rule for group in prometheus_rule["spec"]["groups"] for rule in group["rules"]]


def write_rules(prometheus_rule, path):
    """The rules as a file of Prometheus' own."""
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(prometheus_rule["spec"], file, width=100)


def dashboard():
    with open(DASHBOARD, encoding="utf-8") as file:
        return json.load(file)


def dashboard_queries():
    """(title, expression) of every query of the dashboard, its annotations included."""
    queries = []
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            queries.append((panel["title"], target["expr"]))
    for annotation in dashboard()["annotations"]["list"]:
        if "target" in annotation:
            queries.append((annotation["name"], annotation["target"]["expr"]))
    return queries


def metric_names(text):
    """The metrics that an expression, or a text with expressions in it, names."""
    found = set(re.findall(r"\b(?:headway|kube|process)_[a-z0-9_]+", text))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in found}


def families(exposition):
    """The names of the metrics in what was scraped."""
    return set(re.findall(r"^# TYPE (\S+) ", exposition, re.MULTILINE))
