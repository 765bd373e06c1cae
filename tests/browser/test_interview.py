"""The interview's form in Chromium: asked and answered by keyboard, named for a screen reader, any theme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from simulator.lab.interviewing import InterviewForm
from simulator.pipeline.interview import FIELDS, Answers
from tests.browser import driver, standalone

pytestmark = pytest.mark.browser


def _answer(page: Page, form: InterviewForm) -> None:
    """What the kernel would do with everything that the page has sent."""
    sent: list[dict[str, Any]] = page.evaluate("window.sent.splice(0)")
    for content in sent:
        form._receive(form, content, None)
    page.evaluate("(state) => push(state)", standalone.form_state(form))


@pytest.mark.parametrize("light", [True, False])
def test_the_interview_is_answered_by_keyboard(light: bool, tmp_path: Path) -> None:
    """Tab goes from question to question, a letter chooses; what follows is said in a live region."""
    form = InterviewForm(Answers(), lambda _: None)
    path = tmp_path / "page.html"
    path.write_text(standalone.form_page(standalone.form_state(form), light=light), encoding="utf-8")
    with driver.chromium(1000, 900) as (page, seen):
        page.goto(path.as_uri())
        region = page.get_by_role("region", name="Set up CI/CD: four questions")
        expect(region.get_by_role("group")).to_have_count(4)
        expect(region.get_by_role("status")).to_contain_text("6 answers are open")
        quiet = region.locator("select, input, pre").evaluate_all(
            "(all) => all.every((el) => el.closest('[data-lm-suppress-shortcuts]'))"
        )
        assert quiet
        page.get_by_label("Forge").focus()
        for field, letters in zip(
            FIELDS.values(), ("GitH", "Pyth", "Kubernetes on A", "stag", "two", "Slack"), strict=True
        ):
            expect(page.get_by_label(field.label)).to_be_focused()
            page.keyboard.type(letters)
            page.keyboard.press("Tab")
            _answer(page, form)
        expect(page.get_by_label("Service")).to_be_focused()
        expect(region.get_by_role("status")).to_contain_text("All answered")
        file = page.get_by_role("region", name="The proposed workflow file")
        expect(file).to_contain_text("aws-actions/configure-aws-credentials@")
        expect(page.get_by_role("list", name="What no file can hold")).to_contain_text("CHAT_WEBHOOK")
        page.keyboard.press("Tab")
        expect(file).to_be_focused()
        page.get_by_label("Service").fill("Shop")
        page.get_by_label("Service").blur()
        _answer(page, form)
        expect(region.get_by_role("status")).to_contain_text("expected a name that Kubernetes takes")
        page.get_by_label("Target").select_option("serverless")
        _answer(page, form)
        expect(region.get_by_role("status")).to_contain_text("Not covered, so no file is written")
        expect(file).to_be_hidden()
        assert [] == seen.errors == seen.offsite
    form.close()
