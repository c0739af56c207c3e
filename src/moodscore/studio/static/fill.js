// Suggestions: [data-fill="name"] puts its data-text into the field of that name in its form; the field can be undone as usual.
import { fresh } from "./said.js";

export function start(root) {
  for (const button of fresh(root, "[data-fill]", "Fill")) {
    button.addEventListener("click", () => {
      const field = button.closest("form").elements[button.dataset.fill];
      field.value = button.dataset.text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  }
}
