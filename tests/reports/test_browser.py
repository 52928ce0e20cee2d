"""Every published page opens in a browser without a complaint and without asking anything of the network."""

import re

import pytest

from engagement.publish import check

HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>T</title><link rel="icon" href="data:,">
</head><body><main><h1>T</h1>{}</main></body></html>"""


def pages(root):
    found = sorted(p for p in (root / "reports").rglob("*.html") if "failed" not in p.parts)
    assert found, "nothing is published: run `make reproduce`"
    return found


def test_every_page_keeps_the_rules(root):
    assert check.problems(root / "reports") == []


def test_no_page_complains_or_asks_the_network(root, browser):
    told = {}
    for page in pages(root):
        visit = browser.visit(page)
        if visit.complaints or visit.requests:
            told[page.name] = visit
        assert browser.evaluate("document.querySelectorAll('main h1').length") == 1, page
        broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
        assert browser.evaluate(broken) == 0, page
    assert told == {}


@pytest.mark.parametrize("width", [320, 400, 1200])
def test_no_page_is_wider_than_the_window(root, browser, width):
    browser.size(width, 900)
    wide = []
    for page in pages(root):
        browser.visit(page)
        if browser.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(page.name)
    assert wide == []


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(root, browser, dark):
    # WCAG 2.2, 1.4.3: a ratio of 4.5 to 1 between the luminance of text and of what it stands on.
    browser.size(1200, 900, dark=dark)
    browser.visit(root / "reports" / "index.html")
    faint = browser.evaluate("""
        (() => {
          const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(v => v / 255).map(
            v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = light(getComputedStyle(document.body).backgroundColor);
          return [...document.querySelectorAll("body *")].filter(e => e.innerText).map(e => {
            const text = light(getComputedStyle(e).color);
            const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
            return ratio < 4.5 ? `${e.tagName} ${ratio.toFixed(2)}` : ""; }).filter(Boolean);
        })()""")
    assert faint == []


def test_sentences_can_be_filtered_by_instrument(root, browser):
    page = max((root / "reports" / "evidence").glob("*.html"), key=lambda p: p.stat().st_size)
    browser.size(1200, 900)
    browser.visit(page)
    visible = "[...document.querySelectorAll('.sentences li')].filter(e => e.checkVisibility()).length"
    everything = browser.evaluate(visible)
    assert everything == len(re.findall(r"<li [^>]*data-instrument", page.read_text(encoding="utf-8")))
    chosen = browser.evaluate("""
        (() => { const s = document.getElementById("instrument"); s.selectedIndex = 1;
                 s.dispatchEvent(new Event("change"));
                 return Number(s.options[1].textContent.match(/\\((\\d+)\\)/)[1]); })()""")
    assert 0 < browser.evaluate(visible) == chosen <= everything


def test_a_link_to_an_instrument_chooses_it(root, browser):
    page = max((root / "reports" / "evidence").glob("*.html"), key=lambda p: p.stat().st_size)
    browser.size(1200, 900)
    browser.visit(f"{page.resolve().as_uri()}#{page.stem}-DIP")
    assert browser.evaluate("document.getElementById('instrument').value") == "DIP"
    shown = "[...document.querySelectorAll('.sentences li')].filter(e => e.checkVisibility())"
    assert browser.evaluate(f"{shown}.length") > 0
    assert browser.evaluate(f"{shown}.every(e => e.dataset.instrument === 'DIP')")


def test_a_link_to_a_sentence_finds_it(root, browser):
    page = max((root / "reports" / "evidence").glob("*.html"), key=lambda p: p.stat().st_size)
    name = re.search(r'<li id="([^"]+#\d+)"', page.read_text(encoding="utf-8"))[1]
    browser.visit(page.resolve().as_uri() + "#" + name.replace("#", "%23"))
    assert browser.evaluate("document.querySelector(':target').id") == name


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("<script>console.error('a complaint')</script>", "complaints"),
        ("<script>throw new Error('a complaint')</script>", "complaints"),
        ("<script>setTimeout(() => console.warn('late'), 50)</script>", "complaints"),
        ('<img alt="x" src="http://127.0.0.1:9/x.png">', "requests"),
        ("<script>fetch('http://127.0.0.1:9/x').catch(() => 0)</script>", "requests"),
        ('<script src="beside.js"></script>', "requests"),
    ],
)
def test_the_browser_check_notices(tmp_path, browser, body, seen):
    page = tmp_path / "page.html"
    page.write_text(HTML.format(""), encoding="utf-8")
    quiet = browser.visit(page)
    assert (quiet.complaints, quiet.requests) == ([], [])
    page.write_text(HTML.format(body), encoding="utf-8")
    assert getattr(browser.visit(page), seen)


def test_a_published_page_refuses_what_is_smuggled_in(root, tmp_path, browser):
    html = (root / "reports" / "index.html").read_text(encoding="utf-8")
    smuggled = "<script>document.title = 'run'</script><img alt='x' src='http://127.0.0.1:9/x.png'>"
    page = tmp_path / "index.html"
    page.write_text(html.replace("</h1>", f"</h1>{smuggled}", 1), encoding="utf-8")
    assert browser.visit(page).complaints
    assert browser.evaluate("document.title") != "run"
