"""Says where everything is, once it is there."""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from cli.sandbox_process import local_url
from cli.sandbox_secrets import FILE_NAME
from settings import Settings


def announce(console: Console, settings: Settings, sandbox_url: str | None) -> None:
    """Print the addresses; none of them is a secret."""
    url = local_url(settings)
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    if sandbox_url:
        lines.add_row("[bold green]WeChat sandbox[/]", f"[bold]{sandbox_url}/[/]  ← start here")
    lines.add_row("API, to read and try", f"{url}/api/docs")
    lines.add_row("console", f"{url}/console/")
    lines.add_row("dealer's pages (H5)", f"{url}/m/")
    if sandbox_url:
        lines.add_row("API key", f"bootstrap_api_key in {settings.data_dir / FILE_NAME}")
    closing = "Ctrl-C stops it; the data stays"
    console.print(Panel(lines, title="Leadloop is running", subtitle=closing, expand=False))
