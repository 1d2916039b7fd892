"""Judge a repository with python-tuf.

Usage: judge.py ROOT BASE STATE TARGET..., see ../README.md.
"""

import sys
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater


def judge(root: Path, base: str, state: Path, targets: list[str]) -> None:
    for folder in ("metadata", "targets"):
        (state / folder).mkdir(exist_ok=True)
    updater = Updater(
        metadata_dir=str(state / "metadata"),
        metadata_base_url=base + "/metadata",
        target_dir=str(state / "targets"),
        target_base_url=base + "/targets",
        bootstrap=root.read_bytes(),
    )
    updater.refresh()
    for name in targets:
        info = updater.get_targetinfo(name)
        if info is None:
            raise RepositoryError(f"no target {name}")
        updater.download_target(info)


def main() -> None:
    _, root, base, state, *targets = sys.argv
    try:
        judge(Path(root), base, Path(state), targets)
    except (RepositoryError, DownloadError) as e:
        print("REJECT:", " ".join(f"{type(e).__name__}: {e}".split()))
    else:
        print("ACCEPT")


main()
