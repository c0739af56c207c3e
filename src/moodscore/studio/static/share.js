// Sharing: the system's own sheet where there is one, else the link is copied. [data-share] is a path of ours,
// [data-copy] any text.
import { fresh, said } from "./said.js";
import { toast } from "./toasts.js";

export function start(root) {
  for (const button of fresh(root, "[data-share]", "Share")) {
    button.addEventListener("click", () => share(new URL(button.dataset.share, location.origin).href, button.dataset.title));
  }
  for (const button of fresh(root, "[data-copy]", "Copy")) button.addEventListener("click", () => copy(button.dataset.copy));
}

async function share(url, title) {
  if (!navigator.share) return copy(url);
  try {
    await navigator.share({ url, title });
  } catch (error) {
    if (error.name !== "AbortError") await copy(url);
  }
  return undefined;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said("copied"));
  } catch {
    toast(text);
  }
}
