"""What is declared, what is locked and what conda installs are the same."""

from __future__ import annotations

from tests.house.lockstep import ROOT, Pin, declared, environment_text, normalised, read_lock

_LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
_PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def test_every_declared_dependency_is_locked_at_an_allowed_version() -> None:
    """The lock holds each direct dependency of pyproject.toml, not older than its lower bound."""
    pins = read_lock(_LOCK)
    for name, lowest in declared(_PYPROJECT).items():
        versions = [pin.version for pin in pins if pin.name == name]
        assert versions, f"{name} is declared and not locked: run `make lock`"
        assert min(map(_release, versions)) >= _release(lowest), (
            f"{name}: the lock is older than pyproject.toml"
        )


def test_every_pin_has_a_hash() -> None:
    """What `make lab` installs is checked file by file."""
    pins = read_lock(_LOCK)
    assert len(pins) > len(declared(_PYPROJECT))
    assert [] == [pin.name for pin in pins if not pin.hashes]


def test_the_lock_holds_nothing_but_pins() -> None:
    """A line of the lock is a pin, a hash or a comment: no option, no address, no path."""
    known = ("--hash=sha256:", "#")
    others = [line for line in _LOCK.splitlines() if line.strip() and not line.strip().startswith(known)]
    assert len(others) == len(read_lock(_LOCK))


def test_environment_yml_is_what_the_lock_says() -> None:
    """Conda and Binder get the very versions of the lock; `make lock` writes both."""
    written = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert environment_text(read_lock(_LOCK)) == written, (
        "environment.yml was not made from this lock: run `make lock`"
    )


def test_a_changed_pin_changes_the_environment() -> None:
    """Markers, extras' pins and hash counts are read as they stand; a version that moves shows."""
    text = "Foo_bar==1.2 ; python_full_version < '3.12' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    (pin,) = read_lock(text)
    assert pin == Pin("foo-bar", "1.2", "python_full_version < '3.12'", 2)
    assert "\"foo-bar==1.2 ; python_full_version < '3.12'\"" in environment_text([pin])
    assert environment_text(read_lock(text)) != environment_text(read_lock(text.replace("1.2", "1.3")))
    assert normalised("Ruamel.YAML") == "ruamel-yaml"
