"""What the documentation shows and lists is what the code is."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "python-host" / "reactor_host"
# A code stands first in an error's arguments, by name or not, or behind a choice between two.
CODE = re.compile(
    r'(?:(?:Error|Refused|problem|error)\(\s*(?:code=)?|code=|code = |else )"([a-z]+(?:-[a-z]+)+)"'
)
# Messages of the wire and a name of a thread look alike.
NOT_CODES = {"parent-watch", "clock-pong", "clock-ping", "model-stats", "model-error", "async-generator"}


def test_the_readme_shows_the_clock_example_of_twenty_lines() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    block = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    example = (PROJECT / "python-host" / "examples" / "clock.py").read_text("utf-8")
    assert block is not None
    assert block[1] == example
    assert len(example.splitlines()) == 20


def test_every_error_code_is_documented() -> None:
    source = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.glob("*.py")))
    used = (set(CODE.findall(source)) | {"wire"}) - NOT_CODES
    documented = set(
        re.findall(r"^\| `([a-z-]+)` \|", (PROJECT / "docs/model-errors.md").read_text("utf-8"), re.MULTILINE)
    )
    assert len(used) > 15
    assert used - documented == set(), "used, not documented"
    assert {code for code in documented - used if f'"{code}"' not in source} == set(), "documented, not used"
