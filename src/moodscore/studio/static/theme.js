// Light, dark, or as the system has it; kept in this browser. base.html applies it before anything is drawn.
import { fresh } from "./said.js";

const ORDER = ["system", "light", "dark"];
const PAPER = { light: "#fbfaf7", dark: "#101014" };

export function start(root) {
  for (const button of fresh(root, "[data-theme-switch]", "Theme")) {
    say(button);
    button.addEventListener("click", () => {
      choose(ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length]);
      for (const other of document.querySelectorAll("[data-theme-switch]")) say(other);
    });
  }
  if (root !== document) return;
  choose(chosen());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("studio:scheme")));
}

const chosen = () => document.documentElement.dataset.theme ?? "system";

function choose(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch { /* a browser that keeps nothing: the choice lasts for this page */ }
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    meta.content = PAPER[theme] ?? (meta.media.includes("dark") ? PAPER.dark : PAPER.light);
  }
  document.dispatchEvent(new Event("studio:scheme"));
}

function say(button) {
  const words = button.dataset[`said${chosen()[0].toUpperCase()}${chosen().slice(1)}`];
  const place = button.querySelector("[data-theme-said]");
  if (place) place.textContent = words;
}
