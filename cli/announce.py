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
    lines = Table.grid(padding=(0, 3))
    if sandbox_url:
        lines.add_row(
            "[bold]WeChat sandbox[/]", f"[bold]{sandbox_url}/[/]", "two phones: try it here"
        )
    lines.add_row("API", f"{url}/api/docs", "every endpoint, to read and to try")
    lines.add_row("Console", f"{url}/console/", "brand, region and operations")
    lines.add_row("H5", f"{url}/m/", "the dealer's pages, as inside WeCom")
    if sandbox_url:
        key = f"bootstrap_api_key in {settings.data_dir / FILE_NAME}"
        lines.add_row("API key", key, "opens everything, here only")
    console.print(
        Panel(lines, title="Leadloop is running", subtitle="Ctrl-C stops it", expand=False)
    )
