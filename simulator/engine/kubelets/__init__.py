"""The kubelets: a pod's life from its binding to its end, one job a module."""
