"""docs/steps says what the steps' definitions say."""

import pytest

from docs.steps_pages import FOLDER, pages

pytestmark = pytest.mark.engine


def test_every_step_has_its_page_as_its_definition_makes_it():
    made = pages()
    kept = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    assert kept.keys() == made.keys(), "python -m docs.steps_pages"
    assert [name for name in made if made[name] != kept[name]] == [], "python -m docs.steps_pages"
