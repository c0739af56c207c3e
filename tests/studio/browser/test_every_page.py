"""Every page, in both schemes, languages and sizes: nothing breaks, nothing moves by itself, everybody can use it."""

import pytest

KINDS = (("phone", "light", "en"), ("desktop", "dark", "ko"))
SORRY = ("404 (Not Found)",)
MOST_SHIFT = 0.05
CHECK = """() => {
  const wrong = [];
  const shown = (e) => e.checkVisibility({ visibilityProperty: true });
  const name = (e) => [
    e.getAttribute("aria-label"), e.textContent, e.title, ...[...(e.labels ?? [])].map((l) => l.textContent),
    ...[...e.querySelectorAll("img, [role=img]")].map((i) => i.alt || i.getAttribute("aria-label")),
  ].join(" ").trim();
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary"))
    if (shown(e) && !e.closest("[aria-hidden=true]") && !name(e)) wrong.push("without a name: " + e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) wrong.push("without alt: " + e.src);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push("twice: id " + id);
  for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]"))
    for (const id of (e.getAttribute("aria-describedby") || e.getAttribute("aria-labelledby") || e.htmlFor).split(" "))
      if (!document.getElementById(id)) wrong.push("names what is not there: " + id);
  if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  let level = 1;
  for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
    const now = Number(h.tagName[1]);
    if (now > level + 1) wrong.push("heading leaps: " + h.textContent.trim().slice(0, 40));
    level = now;
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) wrong.push("wider than the screen: " + wide);
  if (document.querySelector("main [style]:not(.player, svg *)")) wrong.push("a style attribute");
  if (!document.title || !document.documentElement.lang) wrong.push("no title or language");
  return wrong;
}"""
SMALL = """() => {
  const hit = "button, summary, .button, .act, .nav a, .bottom-bar a, select, input:not([type=hidden])";
  return [...document.querySelectorAll(hit)].filter((e) => {
    const seen = e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!seen || e.closest("label, .visually-hidden")) return false;
    const box = e.getBoundingClientRect();
    return box.width > 1 && Math.min(box.width, box.height) < 24 && getComputedStyle(e).display !== "inline";
  }).map((e) => e.outerHTML.slice(0, 140));
}"""


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_nothing_is_wrong_on_any_page(window, place, axe, kind):
    size, scheme, language = kind
    wrong = []
    for who in ("mina", ""):
        with window(who, size=size, scheme=scheme, language=language, forgiven=SORRY) as seen:
            for name, (path, looks) in place.pages.items():
                if looks == who:
                    seen.open(path)
                    wrong += [f"{name}: {found}" for found in checked(seen, axe)]
    assert not wrong, "\n".join(wrong)


def checked(seen, axe):
    """Everything that is wrong with the page that is open."""
    found = seen.page.evaluate(CHECK) + [f"too small to be hit: {one}" for one in seen.page.evaluate(SMALL)]
    if axe:
        seen.page.evaluate(axe)
        told = seen.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        found += [
            f"{v['id']}: {n['html'][:160]}: {n['failureSummary'][-160:]}"
            for v in told["violations"]
            for n in v["nodes"][:3]
        ]
    if (shifted := seen.shifted()) > MOST_SHIFT:
        found.append(f"moved by itself: {shifted:.3f}")
    return found
