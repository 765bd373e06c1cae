"""The control plane: Kubernetes' controllers, kubelets, releases, traffic and faults as SimPy processes."""

from simulator.engine.behaviours import behaviour_of
from simulator.engine.configuration.jobs import new_job
from simulator.engine.delays import instance_key
from simulator.engine.delivery.releases import OPERATOR, Release
from simulator.engine.environment import Environment
from simulator.engine.faults import Fault
from simulator.engine.images import Image, Registry, digest_of, version_of
from simulator.engine.kubelets.kubelet import Kubelet
from simulator.engine.production import Production
from simulator.engine.traffic import Traffic

__all__ = [
    "OPERATOR",
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
    "new_job",
    "version_of",
]
