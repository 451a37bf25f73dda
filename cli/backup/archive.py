"""The file of a backup: a manifest and the database's own dump, in a tar.

The secret key is not in it: whoever finds the file can read no phone number. Its mark is, so that
a restore with another key is refused instead of being found out by the first call.
"""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.trouble import CannotStart

FORMAT = 1
MANIFEST = "manifest.json"
DATA = "data"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `rows` counts by table; `sha256` is of the dump."""

    kind: str  # sqlite | postgres
    made_at: str
    migrations: list[str]
    rows: dict[str, int]
    key_mark: str
    sha256: str
    format: int = FORMAT

    @property
    def size(self) -> str:
        return f"{sum(self.rows.values()):,} rows in {len(self.rows)} tables"


def pack(manifest: Manifest, data: Path, target: Path) -> None:
    """Write the archive beside its place and move it there whole."""
    text = data.with_name(MANIFEST)
    text.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    unfinished = target.with_name(f"{target.name}.part")
    with tarfile.open(unfinished, "w") as tar:
        tar.add(text, MANIFEST)
        tar.add(data, DATA)
    unfinished.chmod(0o600)
    unfinished.replace(target)


def unpack(source: Path, folder: Path) -> tuple[Manifest, Path]:
    """The manifest and the dump, written into `folder`. Raises CannotStart for a damaged file."""
    with _readable(source) as tar:
        for name in (MANIFEST, DATA):
            tar.extract(name, folder, filter="data")
    manifest = _manifest((folder / MANIFEST).read_bytes(), source)
    if digest(folder / DATA) != manifest.sha256:
        raise CannotStart(f"{source} is damaged: its dump is not what the manifest says")
    return manifest, folder / DATA


@contextmanager
def _readable(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:") as tar:
            yield tar
    except (OSError, KeyError, tarfile.TarError) as fault:
        raise CannotStart(f"{source} is no whole backup ({type(fault).__name__})") from fault


def _manifest(text: bytes, source: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads(text))
    except (ValueError, TypeError) as fault:
        raise CannotStart(f"{source} was not written by `backup`") from fault
    if manifest.format != FORMAT:
        raise CannotStart(f"{source} has format {manifest.format}; this program reads {FORMAT}")
    return manifest


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
    return sha.hexdigest()
