"""What is shipped for operating fits the program: metrics, runbook, settings."""

import json
import re
from pathlib import Path

import pytest

from api.metrics import Metrics
from settings import Settings

ROOT = Path(__file__).parent.parent
ALERTS = (ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8")
DASHBOARD = json.loads((ROOT / "deploy/grafana/leadloop.json").read_text(encoding="utf-8"))
RUNBOOK = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
NAMES = re.findall(r"- alert: (\w+)", ALERTS)
METRIC = re.compile(r"\b(?:leadloop|process)_[a-z_]+\b")
LABELS = re.compile(r"\b(leadloop_[a-z_]+)\{([^}]*)\}")


def given() -> dict[str, set[str]]:
    """What /metrics can show: every name with its labels."""
    registry = Metrics().registry
    shown: dict[str, set[str]] = {family.name: set() for family in registry.collect()}
    for collector, names in registry._collector_to_names.items():
        labels = set(getattr(collector, "_labelnames", ()))
        shown |= dict.fromkeys(names, labels)
    return shown


def queries() -> str:
    drawn = [t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]]
    return "\n".join([ALERTS, *drawn])


def test_every_metric_of_alerts_and_dashboard_is_given():
    assert len(METRIC.findall(queries())) > 40
    for name in METRIC.findall(queries()):
        assert name in given(), name


def test_every_label_they_ask_for_is_the_metrics_own():
    asked = LABELS.findall(queries())
    assert len(asked) > 10
    for name, labels in asked:
        for label in re.findall(r"(\w+)=~?\"|(\w+)!=", labels):
            assert "".join(label) in given()[name], (name, label)


def test_every_alert_has_its_severity_summary_and_runbook():
    alerts = ALERTS.split("- alert: ")[1:]
    for name, alert in zip(NAMES, alerts, strict=True):
        assert re.search(r"severity: (page|ticket)\b", alert), name
        assert re.search(r"summary: \"\S", alert), name
        assert f"runbook_url: docs/operations.md#{name.lower()}" in alert, name


def test_the_runbook_has_a_section_for_each_alert_and_no_other():
    assert re.findall(r"^### (Leadloop\w+)$", RUNBOOK, flags=re.M) == NAMES


def test_every_section_says_what_it_means_how_to_see_what_to_do_and_when_to_wake():
    for section in re.split(r"^### (?=Leadloop)", RUNBOOK, flags=re.M)[1:]:
        for word in ("Means", "See", "Do", "Wake somebody"):
            assert f"- *{word}:* " in section.split("\n#")[0], section.split("\n")[0]


@pytest.mark.parametrize(
    "path", [p for p in ROOT.glob("deploy/**/*") if p.is_file()], ids=lambda p: p.name
)
def test_settings_in_the_examples_exist(path):
    known = {f"LEADLOOP_{name.upper()}" for name in Settings.model_fields}
    for name in re.findall(r"\bLEADLOOP_[A-Z_]+\b", path.read_text(encoding="utf-8")):
        assert name in known, name
