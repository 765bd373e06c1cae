"""How a job reaches a cluster without a stored key: it shows the forge's token and gets one for minutes.

The names of accounts, roles and clusters are variables of each environment, so the file holds none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """One cloud's Kubernetes.

    Attributes:
        steps: Sign in with OIDC, then point kubectl at the cluster.
        variables: What each environment must define for that.
        trust: What the cloud must be told once, so that it believes the token of this environment alone.
    """

    steps: str
    variables: tuple[str, ...]
    trust: str


TARGETS: Final = {
    "eks": Target(
        steps="""\
- name: Sign in with OIDC
  uses: aws-actions/configure-aws-credentials
  with:
    role-to-assume: ${{ vars.AWS_ROLE }}
    aws-region: ${{ vars.AWS_REGION }}
- name: Reach the cluster
  env:
    CLUSTER: ${{ vars.CLUSTER }}
  run: aws eks update-kubeconfig --name "$CLUSTER"
""",
        variables=("AWS_ROLE", "AWS_REGION", "CLUSTER"),
        trust="an IAM role for each environment, whose trust policy takes the subject "
        "repo:OWNER/REPOSITORY:environment:NAME and no other; an access entry of the cluster lets it change "
        "Deployments of its own namespace",
    ),
    "gke": Target(
        steps="""\
- name: Sign in with OIDC
  uses: google-github-actions/auth
  with:
    workload_identity_provider: ${{ vars.WORKLOAD_IDENTITY_PROVIDER }}
    service_account: ${{ vars.SERVICE_ACCOUNT }}
- name: Reach the cluster
  uses: google-github-actions/get-gke-credentials
  with:
    cluster_name: ${{ vars.CLUSTER }}
    location: ${{ vars.LOCATION }}
""",
        variables=("WORKLOAD_IDENTITY_PROVIDER", "SERVICE_ACCOUNT", "CLUSTER", "LOCATION"),
        trust="a service account for each environment, which a workload identity pool hands out for the "
        "subject repo:OWNER/REPOSITORY:environment:NAME and no other; a RoleBinding lets it change "
        "Deployments of its own namespace",
    ),
    "aks": Target(
        steps="""\
- name: Sign in with OIDC
  uses: azure/login
  with:
    client-id: ${{ vars.AZURE_CLIENT_ID }}
    tenant-id: ${{ vars.AZURE_TENANT_ID }}
    subscription-id: ${{ vars.AZURE_SUBSCRIPTION_ID }}
- name: Reach the cluster
  env:
    CLUSTER: ${{ vars.CLUSTER }}
    RESOURCE_GROUP: ${{ vars.RESOURCE_GROUP }}
  run: |
    sudo az aks install-cli --kubelogin-version 0.1.6
    az aks get-credentials --resource-group "$RESOURCE_GROUP" --name "$CLUSTER"
    kubelogin convert-kubeconfig --login azurecli
""",
        variables=(
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
            "AZURE_SUBSCRIPTION_ID",
            "CLUSTER",
            "RESOURCE_GROUP",
        ),
        trust="an app registration for each environment, whose federated credential takes the subject "
        "repo:OWNER/REPOSITORY:environment:NAME and no other; a RoleBinding lets it change Deployments of "
        "its own namespace",
    ),
}
