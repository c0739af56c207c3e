// Questions and menus. form[data-confirm] asks its sentence in a dialog first. Menus are <details data-menu>: they close on
// Escape and when something else is pressed.
import { fresh, said } from "./said.js";

export function start(root) {
  for (const form of fresh(root, "form[data-confirm]", "Confirm")) form.addEventListener("submit", (event) => ask(form, event));
  if (root === document) closeMenus();
}

function closeMenus() {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) { menu.removeAttribute("open"); menu.querySelector("summary").focus(); }
  });
}

function ask(form, event) {
  if ("confirmed" in form.dataset) return delete form.dataset.confirmed;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event, dialog = document.createElement("dialog"), inside = document.createElement("div");
  const words = document.createElement("p"), ends = document.createElement("div");
  const no = button(said("cancel"), "button quiet"), yes = button(submitter?.textContent.trim() || said("yes"), "button danger");
  inside.className = "inside";
  ends.className = "ends";
  words.id = "asked";
  words.textContent = form.dataset.confirm;
  dialog.setAttribute("aria-labelledby", "asked");
  ends.append(no, yes);
  inside.append(words, ends);
  dialog.append(inside);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => { form.dataset.confirmed = ""; dialog.close(); form.requestSubmit(submitter); });
  dialog.showModal();
  return undefined;
}

function button(name, classes) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = classes;
  made.textContent = name;
  return made;
}
