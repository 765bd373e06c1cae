"""James's words: short, calm, about the system; a question wherever a question will do.

Each key has two or three wordings; a run's seed picks one, so that the same run always gives the same bytes.
Words in braces are filled by the rule that speaks. An author's own words (a hint, why an act is right) are in
the scenario's file.
"""

from __future__ import annotations

from typing import Final

from simulator.streams import Stream, key

VOICE: Final[dict[str, tuple[str, ...]]] = {
    # --- the first page
    "page.first.new": (
        "Stay calm. A page is a measurement, and this one says that {objective} burns its budget {burn} too "
        "fast over 5 minutes. You have two minutes to look. Who is hurt, and since when?",
        "Stay calm; a page is expected, panic is not. {Objective} burns {burn} too fast over 5 minutes. "
        "Two minutes to look before anything else: who is hurt, and since when?",
    ),
    "page.first": (
        "No hurry yet. {Objective} burns {burn} too fast over 5 minutes: that is what we know, and all that "
        "we know. Two minutes to look. Who is hurt, and since when?",
        "Breathe out first. The pager measured {objective}: {burn} too fast over 5 minutes. Two minutes for "
        "looking. Which users are hurt, and since which minute?",
        "It rings, as it was bound to some day. {Objective} burns {burn} too fast over 5 minutes. Hands off "
        "for two minutes: who sees it, and since when?",
        "Slowly; two minutes of looking are paid for. {Objective} burns {burn} too fast over 5 minutes. What "
        "do users see of it, and since when?",
        "Good that it rang before a customer did. {Objective}: {burn} too fast over 5 minutes. Look for two "
        "minutes, calmly. Who is hurt, all of them or some?",
    ),
    "page.again": (
        "A second page: {alert}. Is it the same fire or a new one, and which number would tell you?",
        "{alert} rings too. One cause or two? Say which number would separate them before you act on either.",
    ),
    # --- worked examples that fade
    "guide.level.0": (
        "This one I play, and you predict. When the pager rings, type `next`: I name a step and you say what "
        "it will show, with `note predict ...`. Then I do it. Type a change of your own, and the controls "
        "are yours.",
    ),
    "guide.level.1": (
        "I play this one up to the last step; the last one is yours. When the pager rings, type `next`, and "
        "say what each step will show before I take it, with `note predict ...`.",
    ),
    "guide.level.2": (
        "We share this one: I do the looking, you decide. When the pager rings, type `next` and I begin. "
        "What I find is on your screen as well.",
    ),
    "guide.level.4": (
        "You have done this without me. I say nothing from here on unless something is about to break for "
        "good; `hint` still finds me.",
    ),
    "page.guided": (
        "Stay calm. {Objective} burns {burn} too fast over 5 minutes. Watch how I go about it: `next`. "
        "Before each step, say what you think it will show.",
        "Stay calm, and watch: {objective} burns {burn} too fast over 5 minutes. `next` shows my first step. "
        "What do you expect it to be?",
    ),
    "guide.waits": (
        "My next step waits for you, and {objective} burns on at {burn} over 5 minutes. `next`, or take the "
        "controls yourself; a change of yours is enough.",
    ),
    "guide.early": (
        "Nothing has rung yet, so there is nothing to show. `wait 5m` ends when the pager does.",
    ),
    "guide.none": ("The steps of this one are yours. If you are stuck, `hint` costs ten seconds.",),
    "guide.taken": ("You took the controls at {then}, and you keep them. `hint` still finds me.",),
    "guide.watch": ("Step {number} of {of}.",),
    "guide.watch.later": ("Step {number} of {of}. The graph needs its time first: I wait until {due}.",),
    "guide.ask.look": (
        "Step {number} of {of}: `{line}`. What will it show, if your guess is right? And if it is wrong? "
        "`note predict ...`, or `next`.",
        "Step {number} of {of} is a look: `{line}`. What would have to stand there to change your mind? "
        "`note predict ...`, or `next`.",
        "Step {number} of {of}: `{line}`. Which two answers could it give, and what would I do after each? "
        "`note predict ...`, or `next`.",
    ),
    "guide.ask.change": (
        "Step {number} of {of} changes something: `{line}`. Which graph should move, which way, and by when? "
        "`note predict ...`, or `next`.",
    ),
    "guide.ask.communicate": (
        "Step {number} of {of} tells people: `{line}`. Who waits for it, and what will they ask next? "
        "`note predict ...`, or `next`.",
        "Step {number} of {of}: `{line}`. Which word in it would you have to take back if we were wrong? "
        "`note predict ...`, or `next`.",
    ),
    "guide.ask.ack": (
        "Step {number} of {of}: `{line}`. What happens if nobody does this one? `note predict ...`, or "
        "`next`.",
    ),
    "guide.why.look": ("One line, a few seconds, and nothing can break by it.",),
    "guide.why.change": ("It can be taken back, so it may be tried before everything is known.",),
    "guide.why.communicate": (
        "What users see, what we do, when they hear more. It takes half a minute and saves twenty questions.",
    ),
    "guide.why.monitoring": (
        "Not 'resolved': the graph has turned, and one turn is no proof. This word can be kept if it comes "
        "back.",
    ),
    "guide.why.resolved": (
        "It has held, users see it, and the line says from when to when it hurt. Now it may be called over.",
    ),
    "guide.why.ack": ("Now everybody knows that somebody has it, and the next one may sleep.",),
    "guide.yours": (
        "That was my part. {left} steps are left, and they are yours. What do you know now, and what can be "
        "taken back if you are wrong?",
    ),
    "guide.last": (
        "One step is left, and it is yours. What would you have to see before you take it, and who waits "
        "for it?",
    ),
    "guide.over": (
        "That was all of it. Which of these steps would you have left out, and what would it have cost?",
    ),
    # --- good acts
    "good.look": (
        "`{line}` was the right look. {why}",
        "`{line}`: that is where I would have looked as well. {why}",
        "That look, `{line}`, is worth its seconds. {why}",
    ),
    "good.shown": (
        "{why} The signal that proves it: {signal}, {before} at {then}, {now} at {clock}.",
        "{why} It isn't proved by the command's answer but by {signal}: {before} at {then}, {now} at "
        "{clock}.",
    ),
    "good.noticed": (
        "`{line}` was a wrong guess, and {elapsed} later you tried something else. A wrong guess is cheap "
        "when the graph is read soon after it. {why} Proof: {signal}, {before} at {then}, {now} at {clock}.",
    ),
    "undo.same": (
        "`{line}` went through, and nothing is different: {image} before, {image} now, only the revision is "
        "new. A restart makes a revision too, so one step back from it is the same release. Which revision "
        "had another image?",
    ),
    # --- errors that deserve a question
    "expect.still": (
        "{elapsed} since `{line}`. {Signal}: {before} then, {now} now. What did you expect that graph to do "
        "by now?",
        "`{line}` has had {elapsed_lower}. {Signal}: {before} then, {now} now. What did you expect to see "
        "by now?",
    ),
    "expect.worse": (
        "{elapsed} since `{line}`. {Signal}: {before} then, {now} now. What did you expect that graph to "
        "do, and can the "
        "step be taken back?",
        "{Signal}: {before} when you ran `{line}`, {now} now. That isn't the way you wanted. What would "
        "taking it back cost?",
    ),
    "expect.better": (
        "{Signal}: {before} at `{line}`, {now} now. It moves your way. If the cause were still there, what "
        "would this graph "
        "look like in five minutes?",
        "{Signal} fell from {before} to {now} since `{line}`. Is the cause gone, or only eased? Which graph "
        "would tell you?",
    ),
    "harm": (
        "{elapsed} since `{line}`. {Signal}: {before} then, {now} now. {why} How would you take it back?",
    ),
    "risk": (
        "One moment before this lands. {why} Is there a smaller step, one that you can take back?",
        "Before you say yes: {why} What smaller step would tell you the same?",
    ),
    # --- nobody acts while the budget burns
    "nudge.first": (
        "{left} of the budget is left, and it goes {burn} too fast over 5 minutes. {orient}",
        "It burns at {burn} over 5 minutes, with {left} of the budget left. {orient}",
    ),
    "nudge.plain": (
        "{left} of the budget is left, and it goes {burn} too fast over 5 minutes. What did the last answer "
        "tell you, and what would you like to know next?",
        "It burns at {burn} over 5 minutes, with {left} left. Say in one sentence what you know. Which line "
        "would add to it?",
    ),
    "nudge.2": (
        "{since} since the page, {left} of the budget left. You needn't know the cause to stop the harm. "
        "Does it "
        "look like wrong work, too much work, or one sick part? Which step fits, and can it be taken back?",
    ),
    "nudge.3": (
        "{left} left. A small step that you can undo beats a long look. Which step would that be, and which "
        "graph would "
        "tell you within two minutes that it worked?",
    ),
    "nudge.4": (
        "{left} left, and at this rate that lasts {eta}. If you had to hand over now, what would you tell "
        "the "
        "next person to try first?",
    ),
    "nudge.5": (
        "{left} left. Being unsure is normal; standing still has a price too, and users pay it. What keeps "
        "you from the "
        "smallest step?",
    ),
    "nudge.6": (
        "{left} left. I have asked what I can ask. The console is yours, and `hint` costs ten seconds.",
    ),
    "nudge.doubled": (
        "The burn over 5 minutes has doubled: {was} at {then}, {burn} now. What grew in between, the "
        "traffic or the failing share of it?",
    ),
    "nudge.empty": (
        "The budget for {window} is gone at {clock}. From here every failed request is beyond what we "
        "promised. That "
        "changes nothing about the next step: what is it?",
    ),
    # --- the steps' clocks
    "clock.blind": (
        "The two minutes for looking are over, and nothing has been read yet. One line shows which pods run, "
        "one which releases came. Which of them would change what you do next?",
        "Nobody has looked yet, and it has been {since_lower}. What is the one thing you'd want to know "
        "first, and "
        "which line shows it?",
    ),
    "clock.assess": (
        "Two minutes of looking are used. What do you know, what is your best guess, and which step can be "
        "taken back if the guess is wrong?",
        "Looking has had its two minutes. Name your best guess. What is the smallest step that would test "
        "it and help users if it is right?",
    ),
    "clock.mitigate": (
        "The five minutes for mitigation are over, and {signal} is at {now}. Users first, cause later. What "
        "is "
        "different from an hour ago: the code, the crowd, or one machine?",
        "Seven minutes into the page; {signal}: {now}. Users first, cause later. What differs from an hour "
        "ago, "
        "and which step would take the difference away?",
    ),
    # --- telling people
    "tell.first": (
        "It is {since} since the page, and nobody outside has heard from us. You can say that you know "
        "without knowing why. What would a "
        "customer want to read?",
        "{since} in, and the status page says nothing. One sentence and the time of the next one is enough. "
        "What do "
        "users see right now?",
    ),
    "tell.due": (
        "The last update was at {then}; the next was due at {due}. 'No news yet, more at' and a time is an "
        "update too.",
        "People outside last heard from us at {then}, and have waited {elapsed_lower}. What is true now "
        "that you can tell them?",
    ),
    "tell.recovered": (
        "Users have been served since {then}, and the status page still says '{state}'. What would you want "
        "to have seen "
        "before it says otherwise?",
    ),
    # --- verify
    "verify.hold": (
        "The burn over one minute is down to {burn}, and low since {then}. One good minute is luck. What "
        "must this graph do, and for how long, before you call it over?",
        "Quiet since {then}, burn {burn} over one minute. What would have to hold, and how long, before "
        "you'd bet the status page on it?",
    ),
    "verify.early": (
        "The status page says resolved; the burn over one minute says {burn}. Which of the two will users "
        "believe?",
        "'Resolved' stands on the status page, and over the last minute the budget still burned at {burn}. "
        "What did you read that said it was over?",
    ),
    "verify.short": (
        "Resolved after {elapsed_lower} of quiet. How long was it quiet before the page came?",
        "The word 'resolved' rests on {elapsed_lower} of quiet. What would you need to see if it were only "
        "a lull?",
    ),
    "verify.relapse": (
        "It is back: burn {burn} over one minute at {clock}, after quiet since {then}. What did the last "
        "step change, and what did it leave as it was?",
    ),
    "predict": (
        "Before the first change: which graph should move, which way, and by when? `note predict ...` takes "
        "one sentence; the debrief lays it beside what came.",
        "You are about to change something. Say first, with `note predict ...`, which graph will tell you "
        "that it worked, and by when.",
    ),
    "explain": (
        "Before we leave it: why did that work? One sentence, as `note`, while you still remember what you "
        "believed.",
        "Write one sentence with `note`: what made the graph turn? In the debrief you'll want to know what "
        "you thought now.",
    ),
    "close": (
        "Quiet since {then}, and users told. Leave it there. In the debrief your own account comes first, "
        "then the log.",
        "It held from {then} on, and the status page says so. Now the part that pays: your account first, "
        "the log second.",
    ),
    # --- hints outside any ladder
    "hint.calm": (
        "No page, nothing burning. Use the quiet: which numbers are normal for each service? You'll need "
        "them by heart.",
    ),
    "hint.unwritten": (
        "This scenario brings no hints, so I can only ask. {alert} has rung since {clock} and users are not "
        "served yet: what changed in the minutes before it?",
        "No hints were written for this scenario. The page is {alert}, from {clock}. What changed in the "
        "last minutes before it, and which of that can be taken back?",
    ),
    "hint.guess": (
        "Same hint; nothing new has been tried since. One sentence first: what do you believe is happening, "
        "and why?",
        "I'd only repeat myself. Say your guess in one sentence, then try one step that would show it wrong.",
    ),
    "hint.recovered.1": (
        "Users are served again. What remains is to be sure, and to say so. Which graph, and which page?",
    ),
    "hint.recovered.2": (
        "A fix is a guess until it has held. Retries and caches can make one good minute out of nothing.",
    ),
    "hint.recovered.3": (
        "Two ways on: post 'monitoring' now and 'resolved' after five quiet minutes, or 'resolved' at once. "
        "Which one would you "
        "have to take back if it came again?",
    ),
    "hint.recovered.4": (
        "Say 'monitoring' now, with the time of the next word: `statuspage monitoring \"...\"`. After five "
        'quiet minutes, `statuspage resolved "..."`.',
    ),
}


def say(words: str, seed: int, line_id: str, fields: dict[str, str], scene: str = "") -> str:
    """The wording of a line: the variant that this run's seed and scene pick, filled in.

    Args:
        words: Key of the wording.
        seed: The run's.
        line_id: The line's id.
        fields: What the wording names in braces.
        scene: What is played, so that two incidents on one seed are not worded alike.

    Raises:
        KeyError: No such wording, or a word in braces without its value: a mistake in a rule.
    """
    variants = VOICE[words]
    chosen = variants[Stream(seed, "coach").integer(len(variants), key(f"{scene} {line_id}".strip()))]
    return chosen.format_map(fields)
