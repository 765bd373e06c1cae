"""The workflow file that follows from the answers: gates, image, environments, production, chat.

The parts are written as a workflow has them; ``<name>`` stands for what the answers give, and an action for
its pin. Jobs get what they need and no more: no gate sees a credential of the cloud, and no job that has one
runs the team's code.
"""

from __future__ import annotations

import textwrap
from typing import Final

from simulator.pipeline.interview.actions import pinned
from simulator.pipeline.interview.answers import Answers
from simulator.pipeline.interview.stacks import STACKS
from simulator.pipeline.interview.targets import TARGETS

#: Where the file lies in a repository; GitHub reads no other folder.
PATH: Final = ".github/workflows/delivery.yaml"
#: The environment that the first of two approvals protects.
FIRST_APPROVAL: Final = "release"
#: The environment that holds the chat's secret.
CHAT: Final = "chat"

_HEAD: Final = """\
# From a proposal to production:
#   <way>.
#
# Every action is pinned to a commit, its tag in a comment. Every job asks for its own permissions. No key of
# the cloud is stored: a job shows the token of its environment, and the cloud gives it one for minutes.
name: delivery
on:
  pull_request:
    branches: [main]
  merge_group:
  push:
    branches: [main]
permissions: {}
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: ${{ github.event_name == 'pull_request' }}
env:
  IMAGE: ${{ vars.IMAGE }}
jobs:
"""
_CHECKOUT: Final = """\
- uses: actions/checkout
  with: {persist-credentials: false}
"""
_GATE: Final = """\
<id>:
  name: <title>
  runs-on: ubuntu-latest
  timeout-minutes: <minutes>
  permissions: {contents: read}
  steps:
"""
_SCAN: Final = """\
- name: Dependencies, secrets and settings
  uses: aquasecurity/trivy-action
  with: {scan-type: fs, scanners: "vuln,secret,misconfig", severity: "HIGH,CRITICAL", exit-code: "1"}
"""
_BUILD: Final = """\
# A proposal from a fork or from Dependabot is checked, and never handed a token that can write.
build:
  name: Build the image
  needs: [lint, test, security]
  if: >-
    github.event_name == 'push' ||
    github.event.pull_request.head.repo.full_name == github.repository &&
    github.event.pull_request.user.login != 'dependabot[bot]'
  runs-on: ubuntu-latest
  timeout-minutes: 20
  permissions: {contents: read, packages: write, id-token: write}
  outputs:
    digest: ${{ steps.push.outputs.digest }}
  steps:
"""
_BUILD_STEPS: Final = """\
- uses: docker/setup-buildx-action
- uses: docker/login-action
  with:
    registry: ghcr.io
    username: ${{ github.actor }}
    password: ${{ secrets.GITHUB_TOKEN }}
- name: Build and push
  id: push
  uses: docker/build-push-action
  with:
    push: true
    build-args: COMMIT=${{ github.sha }}
    tags: ${{ env.IMAGE }}:${{ github.sha }}
    cache-from: type=gha
    cache-to: type=gha,mode=max
- name: Scan the image
  uses: aquasecurity/trivy-action
  with:
    image-ref: ${{ env.IMAGE }}@${{ steps.push.outputs.digest }}
    severity: HIGH,CRITICAL
    ignore-unfixed: true
    exit-code: "1"
- uses: sigstore/cosign-installer
- name: Sign the digest
  env:
    DIGEST: ${{ steps.push.outputs.digest }}
  run: cosign sign --yes "$IMAGE@$DIGEST"
"""
_DEPLOY: Final = """\
<environment>:
  name: <title>
  needs: <needs>
<condition>  runs-on: ubuntu-latest
  timeout-minutes: 30
  environment: {name: <environment>, url: "${{ vars.URL }}"}
  concurrency: {group: <environment><queue>}
  permissions: {id-token: write}
<outputs>  steps:
"""
_DEPLOY_STEPS: Final = """\
- name: Deploy by digest
  id: deploy
  env:
    DIGEST: ${{ needs.build.outputs.digest }}
  run: kubectl --namespace <environment> set image deployment/<service> "<service>=$IMAGE@$DIGEST"
- name: Verify the rollout
  run: kubectl --namespace <environment> rollout status deployment/<service> --timeout=300s
- name: Smoke tests
  env:
    URL: ${{ vars.URL }}
  run: <healthy>
"""
#: The service answers, and it is this commit that answers.
_HEALTHY: Final = (
    'curl --fail --silent --show-error --retry 5 --retry-all-errors "$URL/healthz" | '
    'grep --fixed-strings "$GITHUB_SHA"'
)
_WATCH: Final = """\
- name: Watch it for five minutes
  env:
    URL: ${{ vars.URL }}
  run: |
    for _ in 1 2 3 4 5; do
      sleep 60
      <healthy>
    done
"""
_UNDO: Final = """\
- name: Take it back
  if: failure() && steps.deploy.outcome == 'success'
  run: |
    kubectl --namespace <environment> rollout undo deployment/<service>
    kubectl --namespace <environment> rollout status deployment/<service> --timeout=300s
"""
_END_TO_END: Final = """\
end-to-end:
  name: End-to-end tests
  needs: <first>
  runs-on: ubuntu-latest
  timeout-minutes: 30
  permissions: {contents: read}
  steps:
"""
_END_TO_END_STEP: Final = """\
- name: End-to-end tests
  env:
    BASE_URL: ${{ needs.<first>.outputs.url }}
  run: <command>
- name: It is still this commit that was tried
  env:
    URL: ${{ needs.<first>.outputs.url }}
  run: <healthy>
"""
_FIRST_APPROVAL: Final = """\
# One reviewer of an environment suffices, so two people are two environments.
<release>:
  name: First approval
  needs: <needs>
  if: github.event_name == 'push'
  runs-on: ubuntu-latest
  timeout-minutes: 5
  environment: {name: <release>}
  permissions: {}
  steps:
    - name: Say so
      run: echo "The first of two people has approved $GITHUB_SHA."
"""
_CHAT: Final = """\
<chat>:
  name: Tell the chat
  needs: [<jobs>]
  if: always() && github.event_name == 'push'
  runs-on: ubuntu-latest
  timeout-minutes: 5
  environment: {name: <chat>}
  permissions: {}
  steps:
    - name: Notify the channel
      env:
        WEBHOOK: ${{ secrets.CHAT_WEBHOOK }}
        PRODUCTION: ${{ needs.production.result }}
        RUN: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}
      run: |
        TEXT="<service>, production: $PRODUCTION, commit $GITHUB_SHA, $RUN"
        jq --null-input --arg text "$TEXT" '<message>' |
          curl --fail --silent --show-error --json @- "$WEBHOOK"
"""
#: What each chat's webhook takes, as jq writes it.
_MESSAGES: Final = {
    "slack": "{text: $text}",
    "teams": '{type: "message", attachments: [{contentType: "application/vnd.microsoft.card.adaptive", '
    'content: {type: "AdaptiveCard", version: "1.4", body: [{type: "TextBlock", wrap: true, '
    "text: $text}]}}]}",
}
_ON_MAIN: Final = "  if: github.event_name == 'push'\n"
_URL_OUT: Final = "  outputs:\n    url: ${{ vars.URL }}\n"


def workflow_text(answers: Answers) -> str:
    """The workflow of these answers, which are all given and all covered."""
    stack, before = STACKS[answers.stack], answers.stages[:-1]
    jobs = [
        _job(_GATE, _CHECKOUT, stack.setup, stack.lint, id="lint", title="Lint and types", minutes="10"),
        _job(_GATE, _CHECKOUT, stack.setup, stack.test, id="test", title="Unit tests", minutes="20"),
        _job(_GATE, _CHECKOUT, _SCAN, id="security", title="Security scan", minutes="15"),
        _job(_BUILD, _CHECKOUT, _BUILD_STEPS),
        _deployment(answers, before[0], "build"),
        _end_to_end(answers),
    ]
    names = ["lint", "test", "security", "build", before[0], "end-to-end"]
    for environment in answers.stages[1:]:
        if environment == "production" and answers.approvals == "two":
            jobs.append(_job(_FIRST_APPROVAL, release=FIRST_APPROVAL, needs=names[-1]))
            names.append(FIRST_APPROVAL)
        jobs.append(_deployment(answers, environment, f"[build, {names[-1]}]", condition=_ON_MAIN))
        names.append(environment)
    if answers.chat != "none":
        message = _MESSAGES[answers.chat]
        jobs.append(_job(_CHAT, chat=CHAT, jobs=", ".join(names), service=answers.service, message=message))
    return pinned(_filled(_HEAD, way=_way(answers)) + "".join(textwrap.indent(job, "  ") for job in jobs))


def _end_to_end(answers: Answers) -> str:
    stack = STACKS[answers.stack]
    return _job(
        _END_TO_END,
        _CHECKOUT,
        stack.setup,
        _END_TO_END_STEP,
        first=answers.stages[0],
        command=stack.end_to_end,
        healthy=_HEALTHY,
    )


def _deployment(answers: Answers, environment: str, needs: str, *, condition: str = "") -> str:
    """A job that deploys to an environment.

    The first one takes proposals too, each in its turn, and tells its address; in the others a newer release
    takes the place of one that waits.
    """
    first = environment == answers.stages[0]
    watch = _WATCH if environment == "production" else ""
    return _job(
        _DEPLOY,
        TARGETS[answers.target].steps,
        _DEPLOY_STEPS,
        watch,
        _UNDO,
        environment=environment,
        title=environment.capitalize(),
        needs=needs,
        condition=condition,
        outputs=_URL_OUT if first else "",
        queue=", queue: max" if first else "",
        service=answers.service,
        healthy=_HEALTHY,
    )


def _job(head: str, *steps: str, **names: str) -> str:
    """A job of a head and its steps."""
    return _filled(head + "".join(textwrap.indent(each, "    ") for each in steps), **names)


def _filled(text: str, **names: str) -> str:
    for name, value in names.items():
        text = text.replace(f"<{name}>", value)
    return text


def _way(answers: Answers) -> str:
    """The stages in a line."""
    first, *others = answers.stages
    approved = {"one": "approved", "two": "twice approved"}[answers.approvals]
    later = [f"{approved} production" if each == "production" else each for each in others]
    return f"three gates side by side, an image, {first}; on main then {', '.join(later)}"
