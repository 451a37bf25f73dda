"""Prints the doctor's findings, one line each."""

from rich.console import Console
from rich.markup import escape

from cli.doctor.finding import Finding

COLOURS = {"ok": "green", "warning": "yellow", "error": "bold red"}


def show(findings: list[Finding], console: Console) -> bool:
    """Print them all and a closing line; True when none is an error."""
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        colour = COLOURS[finding.state]
        todo = f" → {finding.todo}" if finding.todo else ""
        console.print(
            f"[{colour}]{finding.state:<8}[/] {escape(finding.what):<{width}}  "
            f"{escape(finding.says)}{escape(todo)}",
            soft_wrap=True,
            highlight=False,
        )
    count = {state: sum(f.state == state for f in findings) for state in COLOURS}
    console.print(
        f"\n{count['ok']} ok, {count['warning']} to look at, {count['error']} to mend",
        highlight=False,
    )
    return count["error"] == 0
