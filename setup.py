"""The wheel carries guides and sample district inside the package; in the tree they stand beside it, once."""

import zipfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
GUIDES = ("guide-*.md", "cli.md", "fields.md", "policy.md", "rules.md", "images/*.png")


class Build(build_py):
    """Copies what is carried beside the modules; an editable install finds it in the tree."""

    def run(self) -> None:
        """Build as usual, then add what is carried."""
        super().run()
        if not self.editable_mode:
            package = Path(self.build_lib) / "evalxl"
            for path in sorted(path for pattern in GUIDES for path in (HERE / "docs").glob(pattern)):
                target = package / path.relative_to(HERE)
                self.mkpath(str(target.parent))
                self.copy_file(str(path), str(target))
            samples(package / "samples.zip")


def samples(target: Path) -> None:
    """The sample district as one file, for not every program unpacks Chinese names; the same bytes every time."""
    files = [HERE / "samples" / "名册.csv", *sorted((HERE / "samples" / "luquan-2023").glob("*.xlsx"))]
    with zipfile.ZipFile(target, "w") as archive:
        for path in files:
            part = zipfile.ZipInfo(path.relative_to(HERE / "samples").as_posix(), (1980, 1, 1, 0, 0, 0))
            archive.writestr(part, path.read_bytes())


setup(cmdclass={"build_py": Build})
