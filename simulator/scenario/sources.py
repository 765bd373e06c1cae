"""Where a container's settings come from, in Kubernetes' words: ``env``, ``envFrom``, volumes and mounts.

What comes by the environment is read once, when the container starts; a mounted file follows its object
within a kubelet's sync.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.scenario.fields import Line, Model, Name, refused

Source = Literal["ConfigMap", "Secret"]


class KeySelector(Model):
    """One key of a ConfigMap or Secret."""

    name: Name
    key: Line


class ValueFrom(Model):
    """Whence an environment variable has its value. Exactly one source."""

    config_map_key_ref: KeySelector | None = None
    secret_key_ref: KeySelector | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "config_map_key_ref", "secret_key_ref")
        return self

    @property
    def source(self) -> Source:
        return "ConfigMap" if self.config_map_key_ref is not None else "Secret"

    @property
    def selector(self) -> KeySelector:
        """The key that is meant."""
        selector = self.config_map_key_ref or self.secret_key_ref
        assert selector is not None, "the validator admits exactly one source"
        return selector


class EnvVar(Model):
    """An environment variable of a container: a value, or whence it comes."""

    name: Line
    value: str = ""
    value_from: ValueFrom | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.value and self.value_from is not None:
            raise refused(
                expected="value or valueFrom", got="both", todo="Kubernetes takes one; remove the other."
            )
        return self


class ObjectRef(Model):
    """A ConfigMap or Secret by name."""

    name: Name


class EnvFrom(Model):
    """Every key of an object as an environment variable. Exactly one source."""

    config_map_ref: ObjectRef | None = None
    secret_ref: ObjectRef | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "config_map_ref", "secret_ref")
        return self

    @property
    def source(self) -> Source:
        return "ConfigMap" if self.config_map_ref is not None else "Secret"

    @property
    def name(self) -> str:
        """Of the object."""
        reference = self.config_map_ref or self.secret_ref
        assert reference is not None, "the validator admits exactly one source"
        return reference.name


class SecretVolume(Model):
    """A Secret as files."""

    secret_name: Name


class Volume(Model):
    """A volume of a pod. Exactly one source."""

    name: Name
    config_map: ObjectRef | None = None
    secret: SecretVolume | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "config_map", "secret")
        return self

    @property
    def source(self) -> Source:
        return "ConfigMap" if self.config_map is not None else "Secret"

    @property
    def object_name(self) -> str:
        """Of the ConfigMap or Secret."""
        if self.config_map is not None:
            return self.config_map.name
        assert self.secret is not None, "the validator admits exactly one source"
        return self.secret.secret_name


class VolumeMount(Model):
    """Where a container finds a volume."""

    name: Name
    mount_path: Line


def _exactly_one(model: Model, first: str, second: str) -> None:
    given = [name for name in (first, second) if getattr(model, name) is not None]
    if len(given) == 1:
        return
    spelled = [type(model).model_fields[name].alias or name for name in (first, second)]
    raise refused(
        expected=f"{spelled[0]} or {spelled[1]}",
        got="both" if given else "neither",
        todo="Keep one." if given else "Add one.",
    )
