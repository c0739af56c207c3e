// Endless feeds: a[data-more] is fetched when it comes near, a few times by itself and then only when asked, so that the end
// of the page can be reached. The answer (?part=1) holds cards and the next a[data-more].
import { fresh, said } from "./said.js";
import { toast } from "./toasts.js";

const BY_ITSELF = 3, NEAR = "900px";
let times = 0;

export function start(root) {
  for (const link of fresh(root, "a[data-more]", "More")) {
    link.addEventListener("click", (event) => { event.preventDefault(); more(link, true); });
    if (times >= BY_ITSELF) continue;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;  // a busy page tells of several moments at once
      seen.disconnect();
      times += 1;
      more(link, false);
    }, { rootMargin: NEAR });
    seen.observe(link);
  }
}

async function more(link, asked) {
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  const address = new URL(link.href);
  address.searchParams.set("part", "1");
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error();
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const added = [...parsed.body.children].map((child) => document.adoptNode(child));
    link.replaceWith(...added);
    for (const child of added) child.dispatchEvent(new CustomEvent("studio:added", { bubbles: true }));
    if (asked) added[0]?.querySelector("a, button")?.focus({ preventScroll: true });
  } catch {
    link.removeAttribute("aria-busy");
    toast(said("failed"));
  }
}
