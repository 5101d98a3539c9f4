from __future__ import annotations

import sys
from pathlib import Path

import pytest
from reactor_host.errors import AuthorError, DeclarationError, ModelFileError
from reactor_host.loader import load_class

ONE = """
from reactor_host import Output, ReactorApp, Video
class Frame(Output):
    main_video: Video
class Base(ReactorApp):
    fps = 10
class One(Base):
    def generate(self) -> Frame: ...
"""
TWO = ONE + "class Two(Base):\n    def generate(self) -> Frame: ...\n"


@pytest.fixture(autouse=True)
def forget_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def write(folder: Path, text: str, name: str = "model.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_one_model_is_found_and_its_base_is_not_in_the_way(tmp_path: Path) -> None:
    cls = load_class(str(write(tmp_path, ONE)))
    assert cls.__name__ == "One" and sys.modules[cls.__module__].__file__ == str(tmp_path / "model.py")


def test_a_class_by_name(tmp_path: Path) -> None:
    assert load_class(f"{write(tmp_path, TWO)}:Two").__name__ == "Two"


def test_files_beside_it_are_importable_and_forward_references_work(tmp_path: Path) -> None:
    write(tmp_path, ONE, "shared_part.py")
    text = "from __future__ import annotations\nfrom shared_part import One, Frame\nclass Mine(One): ...\n"
    assert load_class(str(write(tmp_path, text))).__name__ == "Mine"


def test_a_file_named_like_a_module_that_is_there(tmp_path: Path) -> None:
    cls = load_class(str(write(tmp_path, ONE, "json.py")))
    assert cls.__module__ == "reactor_model_json"
    assert "dumps" in dir(sys.modules["json"])


@pytest.mark.parametrize(
    ("text", "suffix", "code", "message", "hint"),
    [
        (TWO, "", "model-class-ambiguous", "several model classes: One, Two", "model.py:One"),
        (TWO, ":Three", "model-class-not-found", "Three does not exist", "One, Two"),
        (ONE, ":Frame", "model-class-not-found", "Frame is not a model", "One"),
        ("x = 1", "", "model-class-not-found", "has no model class", "class MyModel(ReactorApp)"),
    ],
)
def test_which_class_is_meant(
    tmp_path: Path, text: str, suffix: str, code: str, message: str, hint: str
) -> None:
    with pytest.raises(ModelFileError) as caught:
        load_class(f"{write(tmp_path, text)}{suffix}")
    assert caught.value.code == code
    assert message in caught.value.message and hint in caught.value.hint


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("missing.py", "model-not-found"),
        ("model.txt", "bad-model-path"),
        ("", "bad-model-path"),
        (".", "bad-model-path"),
    ],
)
def test_no_such_file(target: str, code: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        load_class(target)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("import nowhere.at_all", "No module named 'nowhere'", "install nowhere for"),
        ("1 / 0", "ZeroDivisionError: division by zero", "traceback"),
        ("def f(:", "SyntaxError", "traceback"),
        ("import sys; sys.exit(3)", "SystemExit: 3", "traceback"),
    ],
)
def test_importing_raises(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(AuthorError) as caught:
        load_class(str(write(tmp_path, text)))
    assert caught.value.code == "model-import" and caught.value.__cause__ is not None
    assert message in caught.value.message and hint in caught.value.hint


def test_a_wrong_declaration_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"Frame\.main_video: got int"):
        load_class(str(write(tmp_path, ONE.replace("main_video: Video", "main_video: int"))))


def test_a_path_with_colons(tmp_path: Path) -> None:
    folder = tmp_path / "C:"
    folder.mkdir()
    assert load_class(f"{write(folder, TWO)}:Two").__name__ == "Two"
