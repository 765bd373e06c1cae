"""The control plane: Kubernetes' controllers, kubelets, releases, traffic and faults as SimPy processes."""

from simulator.engine.behaviours import behaviour_of
from simulator.engine.delays import instance_key
from simulator.engine.environment import Environment
from simulator.engine.faults import Fault
from simulator.engine.images import Image, Registry, digest_of, version_of
from simulator.engine.kubelet import Kubelet
from simulator.engine.production import Production
from simulator.engine.releases import Release
from simulator.engine.traffic import Traffic

__all__ = [
    "Environment",
    "Fault",
    "Image",
    "Kubelet",
    "Production",
    "Registry",
    "Release",
    "Traffic",
    "behaviour_of",
    "digest_of",
    "instance_key",
    "version_of",
]
