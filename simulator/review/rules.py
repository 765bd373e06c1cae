"""Which point each rule belongs to, and what James says about it: a table.

``ANALYSERS`` maps what the analysers call their rules; a rule that is not in it goes to the point ``rest``
with the analyser's own words. ``OWN`` are the rules of this room: what is asked and no analyser says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.review.findings import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a rule belongs.

    Attributes:
        point: The point's id.
        why: James's reason; empty takes the point's.
        todo: How it is mended, where no diff says it better; empty takes the analyser's page.
        severity: Of an own rule; None takes the analyser's.
        link: The page of whoever owns the behaviour.
    """

    point: str
    why: str = ""
    todo: str = ""
    severity: Severity | None = None
    link: str = ""


_ACTIONS: Final = "https://docs.github.com/en/actions"
_SECURE_USE: Final = f"{_ACTIONS}/reference/security/secure-use"
_SYNTAX: Final = f"{_ACTIONS}/reference/workflows-and-actions/workflow-syntax"
_K8S: Final = "https://kubernetes.io/docs"
_ROLLOUT: Final = f"{_K8S}/concepts/workloads/controllers/deployment/#rolling-back-a-deployment"

_PIN: Final = (
    "Look the commit up (gh api repos/OWNER/REPO/commits/TAG --jq .sha) and keep the tag as a comment."
)
_REVOKE: Final = (
    "Revoke it first, then remove it: git keeps what was committed. The new one goes to the platform's "
    "secret store."
)

ANALYSERS: Final[dict[tuple[str, str], Rule]] = {
    # --- zizmor, by the names on docs.zizmor.sh/audits
    ("zizmor", "unpinned-uses"): Rule("pipeline.pinned", todo=_PIN),
    ("zizmor", "unpinned-images"): Rule("pipeline.pinned", todo="Name the image by its digest."),
    ("zizmor", "unpinned-tools"): Rule("pipeline.pinned", todo="Name the tool's version."),
    ("zizmor", "typosquat-uses"): Rule("pipeline.pinned", todo="Check who owns that repository."),
    ("zizmor", "adhoc-packages"): Rule("pipeline.pinned", todo="Install it from a lock file."),
    ("zizmor", "impostor-commit"): Rule("pipeline.pinned", todo=_PIN),
    ("zizmor", "ref-confusion"): Rule("pipeline.pinned", todo=_PIN),
    ("zizmor", "ref-version-mismatch"): Rule("pipeline.pinned", todo=_PIN),
    ("zizmor", "stale-action-refs"): Rule("pipeline.pinned", todo=_PIN),
    ("zizmor", "known-vulnerable-actions"): Rule("pipeline.pinned", todo="Move to a version without it."),
    ("zizmor", "archived-uses"): Rule("pipeline.pinned", todo="Nobody mends it any more; replace it."),
    ("zizmor", "forbidden-uses"): Rule("pipeline.pinned", todo="Use an action that the policy allows."),
    ("zizmor", "excessive-permissions"): Rule(
        "pipeline.permissions", todo="Take everything away at the top, give each job what it needs."
    ),
    ("zizmor", "undocumented-permissions"): Rule("pipeline.permissions", todo="Say why it is needed."),
    ("zizmor", "dangerous-triggers"): Rule(
        "pipeline.permissions",
        "This trigger runs a stranger's proposal with the rights of your own branch. Most who use it wanted "
        "pull_request.",
        "Use pull_request, and do in a second workflow what needs rights.",
    ),
    ("zizmor", "template-injection"): Rule(
        "pipeline.permissions",
        "GitHub pastes that text into the script before the shell reads it. Whoever writes the text writes "
        "your script, with this job's rights.",
        "Hand the value over in env, and let the shell expand it.",
    ),
    ("zizmor", "github-env"): Rule(
        "pipeline.permissions",
        "Whatever can write the environment file decides what the next step runs.",
        "Write an output instead, or check the value first.",
    ),
    ("zizmor", "insecure-commands"): Rule(
        "pipeline.permissions", todo="Remove ACTIONS_ALLOW_UNSECURE_COMMANDS."
    ),
    ("zizmor", "bot-conditions"): Rule(
        "pipeline.permissions", todo="Ask github.event.pull_request.user.login."
    ),
    ("zizmor", "unsound-condition"): Rule(
        "pipeline.permissions", todo="Write the condition as an expression."
    ),
    ("zizmor", "unsound-contains"): Rule("pipeline.permissions", todo="Hand contains() a list, not a text."),
    ("zizmor", "unsound-ternary"): Rule("pipeline.permissions", todo="Turn the condition around."),
    ("zizmor", "self-hosted-runner"): Rule(
        "pipeline.runners", todo="Use a hosted runner, or make it ephemeral."
    ),
    ("zizmor", "artipacked"): Rule(
        "pipeline.permissions",
        "Checkout leaves the job's token on the disk, in .git/config. Every later step can read it, and an "
        "artifact can carry it out.",
        "Say persist-credentials: false where nothing pushes.",
    ),
    ("zizmor", "cache-poisoning"): Rule(
        "pipeline.permissions",
        "A cache filled by a proposal and read by a release is a way around every review.",
        "Release without a restored cache.",
    ),
    ("zizmor", "use-trusted-publishing"): Rule(
        "secrets.oidc", todo="Publish by OIDC; the registry takes it."
    ),
    ("zizmor", "hardcoded-container-credentials"): Rule("secrets.none", todo=_REVOKE),
    ("zizmor", "unredacted-secrets"): Rule("secrets.none", todo="Store each value as a secret of its own."),
    ("zizmor", "overprovisioned-secrets"): Rule(
        "secrets.audited", todo="Name the secret that the step needs."
    ),
    ("zizmor", "secrets-inherit"): Rule("secrets.audited", todo="Hand over by name what the workflow needs."),
    ("zizmor", "secrets-outside-env"): Rule(
        "secrets.audited", todo="Keep it in the environment that needs it."
    ),
    ("zizmor", "github-app"): Rule(
        "secrets.audited", todo="Ask for the repositories and rights that are needed."
    ),
    ("zizmor", "concurrency-limits"): Rule("delivery.bounded", todo="Give it a concurrency group."),
    # --- hadolint, by the names of its wiki
    ("hadolint", "DL3002"): Rule("containers.nonroot", todo="End with a user of its own."),
    ("hadolint", "DL3004"): Rule(
        "containers.nonroot",
        "A build needs no sudo; it is root already. At run time sudo is a door back to root.",
        "Remove sudo; change USER where a step needs another.",
    ),
    ("hadolint", "DL3006"): Rule("containers.minimal", todo="Name the image's version, better its digest."),
    ("hadolint", "DL3007"): Rule(
        "containers.minimal",
        "'latest' is a different image every week, so yesterday's build can't be made again, and nobody "
        "chose what is in it.",
        "Name a version, better a digest.",
    ),
    ("hadolint", "DL3008"): Rule("containers.minimal", todo="Pin the package's version."),
    ("hadolint", "DL3009"): Rule("containers.minimal", todo="Remove the package lists in the same RUN."),
    ("hadolint", "DL3013"): Rule("containers.minimal", todo="Pin the package's version."),
    ("hadolint", "DL3015"): Rule("containers.minimal", todo="Add --no-install-recommends."),
    ("hadolint", "DL3016"): Rule("containers.minimal", todo="Pin the package's version."),
    ("hadolint", "DL3018"): Rule("containers.minimal", todo="Pin the package's version."),
    ("hadolint", "DL3019"): Rule("containers.minimal", todo="Add --no-cache."),
    ("hadolint", "DL3026"): Rule(
        "containers.minimal", todo="Build on an image of a registry that you trust."
    ),
    ("hadolint", "DL3028"): Rule("containers.minimal", todo="Pin the gem's version."),
    ("hadolint", "DL3042"): Rule("containers.minimal", todo="Add --no-cache-dir."),
    ("hadolint", "DL3059"): Rule("containers.minimal", todo="Join the RUN instructions."),
    ("hadolint", "DL3020"): Rule(
        "containers.minimal",
        "ADD also fetches addresses and unpacks archives. COPY does the one thing you meant.",
        "Use COPY.",
    ),
    ("hadolint", "DL3064"): Rule("secrets.none", todo=_REVOKE),
    # --- detect-secrets: every type of it
    ("detect-secrets", "*"): Rule("secrets.none", todo=_REVOKE),
    # --- kubernetes-validate: one kind of finding
    ("kubernetes-validate", "schema"): Rule(
        "delivery.operable",
        "The API server refuses it, or drops what it does not know. Better to hear that here than in the "
        "middle of a rollout.",
        "Write it as the schema has it.",
        link=f"{_K8S}/reference/kubernetes-api/",
    ),
}

OWN: Final[dict[str, Rule]] = {
    # --- secrets
    "stored-cloud-key": Rule(
        "secrets.oidc",
        todo="Let the cloud trust the repository (OIDC), give the job id-token: write; sign in with a role.",
        severity="high",
        link=f"{_ACTIONS}/concepts/security/openid-connect",
    ),
    "secret-for-all": Rule(
        "secrets.audited",
        todo="Move it to the step that needs it.",
        severity="medium",
        link=f"{_SECURE_USE}#use-secrets-for-sensitive-information",
    ),
    "stale-secret": Rule(
        "secrets.rotated",
        todo="Rotate it today, and put the next date into the calendar of a person.",
        severity="medium",
        link=f"{_SECURE_USE}#use-secrets-for-sensitive-information",
    ),
    # --- pipeline
    "pin-without-tag": Rule(
        "pipeline.pinned",
        "Forty digits tell a reviewer nothing, and no bot knows what to update. The tag in a comment "
        "tells both.",
        "Write the tag behind it, as in # v5.0.0.",
        "low",
        f"{_SECURE_USE}#using-third-party-actions",
    ),
    "self-hosted": Rule(
        "pipeline.runners",
        todo="Use a hosted runner for what a proposal starts, or ephemeral runners in a group of this "
        "repository's own.",
        severity="high",
        link=f"{_SECURE_USE}#hardening-for-self-hosted-runners",
    ),
    "unsigned-commits": Rule(
        "pipeline.signed",
        todo="Require signed commits in the branch's ruleset.",
        severity="medium",
        link="https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/"
        "managing-rulesets/available-rules-for-rulesets#require-signed-commits",
    ),
    # --- containers
    "heavy-base": Rule(
        "containers.minimal",
        todo="Build in one stage, run in another: FROM a distroless or slim image, and COPY --from=build.",
        severity="medium",
        link="https://docs.docker.com/build/building/best-practices/",
    ),
    "base-by-tag": Rule(
        "containers.minimal",
        "The tag is rebuilt under the same name. Two builds of one commit then differ, and nobody can say "
        "in what.",
        "Add the digest behind the tag: docker buildx imagetools inspect IMAGE.",
        "low",
        "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
    ),
    "image-runs-as-root": Rule(
        "containers.nonroot",
        todo="End the Dockerfile with a user that is not root.",
        severity="high",
        link="https://docs.docker.com/build/building/best-practices/#user",
    ),
    "pod-may-run-as-root": Rule(
        "containers.nonroot",
        todo="Say runAsNonRoot: true; the kubelet then refuses an image that wants root.",
        severity="medium",
        link=f"{_K8S}/concepts/security/pod-security-standards/#restricted",
    ),
    "privileged": Rule(
        "containers.nonroot",
        "A privileged container is the node. Whoever gets in there has every other pod of it.",
        "Remove it, and add the one capability that is needed.",
        "high",
        f"{_K8S}/concepts/security/pod-security-standards/#baseline",
    ),
    "may-escalate": Rule(
        "containers.nonroot",
        "Without this line a program that is allowed to become root may do so, whoever started it.",
        "Say allowPrivilegeEscalation: false.",
        "low",
        f"{_K8S}/concepts/security/pod-security-standards/#restricted",
    ),
    "image-not-scanned": Rule(
        "containers.scanned",
        todo="Scan the pushed image by its digest, before anything deploys it.",
        severity="medium",
        link="https://github.com/aquasecurity/trivy-action#usage",
    ),
    "scan-cannot-fail": Rule(
        "containers.scanned",
        "A scan that always passes is a report that nobody opens.",
        'Let it fail: exit-code: "1", and no continue-on-error.',
        "medium",
        "https://github.com/aquasecurity/trivy-action#inputs",
    ),
    "image-not-signed": Rule(
        "containers.signed",
        todo="Sign the digest with cosign, keyless, or attest its build; and let the cluster check it.",
        severity="medium",
        link="https://docs.sigstore.dev/cosign/signing/signing_with_containers/",
    ),
    # --- delivery
    "no-tests-before": Rule(
        "delivery.gates",
        todo="Let it need the jobs that test.",
        severity="high",
        link=f"{_SYNTAX}#jobsjob_idneeds",
    ),
    "no-scan-before": Rule(
        "delivery.gates",
        todo="Let it need a job that scans.",
        severity="medium",
        link=f"{_SYNTAX}#jobsjob_idneeds",
    ),
    "gate-cannot-fail": Rule(
        "delivery.gates",
        "continue-on-error turns a gate into a picture of one. Green then means that it ran.",
        "Remove continue-on-error; a noisy gate is mended or removed, not ignored.",
        "medium",
        f"{_SYNTAX}#jobsjob_idstepscontinue-on-error",
    ),
    "gates-in-a-row": Rule(
        "delivery.gates", todo="A job each: they start together.", severity="low", link=f"{_SYNTAX}#jobs"
    ),
    "not-cached": Rule(
        "delivery.cached",
        severity="low",
        todo="Let the setup action keep the cache, keyed by the lock file.",
        link=f"{_ACTIONS}/reference/workflows-and-actions/dependency-caching",
    ),
    "deployed-by-tag": Rule(
        "delivery.digest",
        todo="Hand the digest of the build on as a job's output, and deploy IMAGE@DIGEST.",
        severity="medium",
        link=f"{_K8S}/concepts/containers/images/#image-names",
    ),
    "no-environment": Rule(
        "delivery.environment",
        todo="Name the environment, and require a reviewer for it in the repository's settings.",
        severity="high",
        link=f"{_ACTIONS}/how-tos/deploy/configure-and-manage-deployments/manage-environments",
    ),
    "nobody-approves": Rule(
        "delivery.environment",
        todo="Add reviewers to the environment; one of them has to say yes.",
        severity="high",
        link=f"{_ACTIONS}/how-tos/deploy/configure-and-manage-deployments/manage-environments",
    ),
    "rollout-not-verified": Rule(
        "delivery.verified",
        todo="Wait for the rollout, with a time limit, and fail if it does not come.",
        severity="medium",
        link=f"{_K8S}/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/",
    ),
    "no-smoke-tests": Rule(
        "delivery.verified",
        "Ready pods are what the cluster believes. One request along the path that earns the money is what "
        "users believe.",
        "Run a handful of requests against what was just deployed, staging first.",
        "low",
    ),
    "no-way-back": Rule(
        "delivery.rollback",
        todo="Undo the rollout in a step that runs on failure.",
        severity="medium",
        link=_ROLLOUT,
    ),
    "no-time-limit": Rule(
        "delivery.bounded",
        todo="Give it twice the time that a good run takes.",
        severity="low",
        link=f"{_SYNTAX}#jobsjob_idtimeout-minutes",
    ),
    "deployments-overlap": Rule(
        "delivery.bounded",
        todo="Put the deployments of an environment into one concurrency group.",
        severity="medium",
        link=f"{_SYNTAX}#jobsjob_idconcurrency",
    ),
    "nobody-hears": Rule(
        "delivery.notified", todo="Post to the team's channel at the end, also on failure.", severity="low"
    ),
    "no-requests": Rule(
        "delivery.operable",
        todo="Say what a quiet day needs; measure it, then set it.",
        severity="medium",
        link=f"{_K8S}/concepts/configuration/manage-resources-containers/",
    ),
    "no-memory-limit": Rule(
        "delivery.operable",
        "A leak without a limit takes its neighbours along. With one it takes itself, and restarts.",
        "Set a limit of memory above what a busy day needs.",
        "medium",
        f"{_K8S}/concepts/configuration/manage-resources-containers/",
    ),
    "no-readiness": Rule(
        "delivery.operable",
        "Without a readiness probe a pod gets users the moment its process exists, and a rollout calls "
        "that done.",
        "Probe what users need: a route that touches what the service depends on least.",
        "medium",
        f"{_K8S}/concepts/configuration/liveness-readiness-startup-probes/",
    ),
    "single-replica": Rule(
        "delivery.operable",
        "One pod is a pet. A node's restart is then an outage with your name on it.",
        "Run at least two.",
        "low",
        f"{_K8S}/concepts/workloads/controllers/deployment/",
    ),
}

#: The page of a rule whose analyser names none.
PAGES: Final = {
    "hadolint": "https://github.com/hadolint/hadolint/wiki/{rule}",
    "detect-secrets": "https://github.com/Yelp/detect-secrets#viewing-all-enabled-plugins",
}


def rule_of(tool: str, name: str) -> Rule:
    """Where an analyser's rule belongs; an unknown one to the point ``rest``."""
    found = ANALYSERS.get((tool, name)) or ANALYSERS.get((tool, "*"))
    if found is None and tool == "hadolint" and name.startswith("SC"):
        return Rule("rest", "A shell that surprises you at build time surprises production at run time.")
    return found or Rule("rest")
