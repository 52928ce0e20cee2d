"""README's numbers are the published ones: nobody types them."""

import re

from engagement.readme import readme


def test_readme_is_what_the_reports_make_of_it(root):
    page = (root / "README.md").read_text(encoding="utf-8")
    assert readme(page) == page, "run `engagement readme` and commit README.md"


def test_its_links_lead_somewhere(root):
    page = (root / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)", page)
    assert links
    missing = [link for link in links if not link.startswith("http") and not (root / link).exists()]
    assert missing == []
