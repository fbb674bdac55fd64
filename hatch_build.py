"""Ship the study's own files inside the wheel, so that an installed `iskdyn` has a study to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StudyFiles(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Map every file the patterns name to `iskdyn/_study/`; editable installs read them in place."""
        if version == "editable":
            return
        root = Path(self.root)
        for pattern in self.config["study"]:
            files = [path for path in sorted(root.glob(pattern)) if path.is_file()]
            if not files:
                raise FileNotFoundError(
                    f"pyproject.toml: study pattern '{pattern}' matches no file in {root}"
                )
            for path in files:
                inside = path.relative_to(root).as_posix()
                build_data["force_include"][str(path)] = f"iskdyn/_study/{inside}"
