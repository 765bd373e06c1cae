"""Questions that everybody asks in an incident, and James's answers: where to look, never the cause."""

from __future__ import annotations

import re
from typing import Final

_WE: Final = "(i|we|you)"
_STILL: Final = "( right)?( now| yet| next| first| here)?"

#: (patterns, of which the whole question must fit one; the answer). Console lines stand in backticks.
QUESTIONS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        (
            rf"(so )?(what|who|did \w+|has \w+) (has |have |was |is )?({_WE} |been |just )*changed?( .*)?",
            rf"what (was|did {_WE}) (just )?(deploy|release|ship)(e?d)?( .*)?",
            "what is new",
        ),
        "Most incidents begin with a change, so it is the right first question. Lay three lists beside the "
        "first bad minute: `git log`, `kubectl get replicasets`, `kubectl get events`. What "
        "stands just before the bend, and what could have changed that nobody typed?",
    ),
    (
        (
            rf"(so |and )?what (now|next|to do|(do|should|can|could) {_WE} do){_STILL}",
            rf"(where|how) (do|should) {_WE} (start|begin|look){_STILL}",
            "help( me)?",
        ),
        "In this order: who is hurt, is it getting worse, and what can be taken back? `slo` answers the "
        "first two in seconds. If you know them and are stuck, say your guess in one sentence and type "
        "`hint`.",
    ),
    (
        (
            "(who|what) (are|r) (you|u)",
            "are you (a |an )?(real|human|bot|person|ai)",
            "who is james( .*)?",
        ),
        "James O'Brien: 25 years of pagers, these days a director, and fictional. I see the screen that "
        "you see, ask questions and leave the typing to you. `channel --all` shows what I have said so far.",
    ),
    (
        (
            r"why (are|is|aren't|isn't|do|does|don't|doesn't) (.* )?(pods?|containers?)( .*)?",
            r"why .*\b(not|never|isn't|aren't) ((be)?com(e|ing) |get(ting)? )?(ready|running)( .*)?",
        ),
        "Ready means that a pod's own probe passes, and its events say which probe failed and with what "
        "answer: `kubectl describe pods`. Then ask whether the pod is ill, or waits for something that "
        "is. The one is a cause, the other a symptom.",
    ),
    (
        (
            rf"(is|was) (it|this|that|the incident) (really )?(over|done|fixed|(re)?solved|finished){_STILL}",
            rf"(am|are) {_WE} (done|good|ok|okay|safe){_STILL}",
            "did (it|that) (work|help)",
        ),
        "Users decide that, not the rollout. `slo` shows whether the burn of the last five minutes is "
        "under one; after five quiet minutes `incident resolve` watches whether it holds. Until then the "
        "word is monitoring.",
    ),
    (
        (
            rf"whom? (do|should|must|can) {_WE} (tell|inform|write( to)?|message|call|notify|ask)( .*)?",
            "who (needs to|has to|wants to|should|must) (know|be told)( .*)?",
        ),
        "Customers first, on the status page, then those inside who answer for you: what users see, what "
        "you do about it, when you will say more. `statuspage` shows what stands there, `help message` "
        "who can be written to. No news is news too.",
    ),
    (
        (
            rf"what (can|could|may|should|do) {_WE} type{_STILL}",
            "(what|which) (commands|lines)( .*)?",
            rf"how (do|can) {_WE} use (this|it|the console)",
        ),
        "What you would type at work. `help` lists the programs of this console, `help kubectl` what one "
        "of them takes, and each says how much time it costs. Looks are cheap: look before you change.",
    ),
)


def everyday(question: str) -> str:
    """The answer to a question that everybody asks; empty where it is none of them."""
    plain = question.lower().replace("\u2019", "'").replace("what's", "what is")
    words = " ".join(re.sub(r"[^\w' -]+", " ", plain).split())
    return next(
        (answer for patterns, answer in QUESTIONS if any(re.fullmatch(each, words) for each in patterns)), ""
    )
