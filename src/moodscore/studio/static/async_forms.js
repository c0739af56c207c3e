// Forms with data-async are sent without leaving the page.
//   data-async="toggle"   a button that is on or off: aria-pressed and [data-count] change at once and change back if it fails;
//                         data-on and data-off are the two addresses
//   data-async            the nearest [data-swap] with an id (or the element data-swap="#id" names) is taken anew from the page
//   data-restarts         the page's progress (progress.js) is watched again, for what was asked for comes there
//   data-said             a toast afterwards; data-undo: the address that takes it back
import { fresh, page, said, send } from "./said.js";
import { toast } from "./toasts.js";

export function start(root) {
  for (const form of fresh(root, "form[data-async]", "Async")) {
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      const run = form.dataset.async === "toggle" ? toggle : submit;
      run(form, event.submitter).catch((error) => complain(error));
    });
  }
}

export function complain(error) {
  toast(error.message, error.status === 401 ? { name: said("log_in"), href: "/log-in" } : undefined);
}

function show(form, on) {
  const button = form.querySelector("[aria-pressed]"), count = form.querySelector("[data-count]");
  if ((button.getAttribute("aria-pressed") === "true") === on) return;
  button.setAttribute("aria-pressed", String(on));
  form.action = on ? form.dataset.off : form.dataset.on;
  if (count) count.textContent = Math.max(0, Number(count.textContent || 0) + (on ? 1 : -1)) || "";
}

async function toggle(form) {
  const was = form.querySelector("[aria-pressed]").getAttribute("aria-pressed") === "true";
  const to = form.action;
  show(form, !was);
  try {
    const told = await send(to, new FormData(form));
    const count = form.querySelector("[data-count]"), number = told.count ?? told.likes;
    if (count && Number.isInteger(number)) count.textContent = number || "";
  } catch (error) {
    show(form, was);
    throw error;
  }
  if (was && form.dataset.said) toast(form.dataset.said, { name: said("undo"), run: () => toggle(form).catch(complain) });
}

async function submit(form, submitter) {
  submitter?.setAttribute("aria-busy", "true");
  try {
    const fields = new FormData(form);
    if (submitter?.name) fields.set(submitter.name, submitter.value);
    const told = await send(submitter?.getAttribute("formaction") ?? form.action, fields);
    const part = form.dataset.swap ? document.querySelector(form.dataset.swap) : form.closest("[data-swap][id]");
    const undo = form.dataset.undo;
    form.closest("dialog")?.close();
    if ("restarts" in form.dataset) {
      document.dispatchEvent(new Event("studio:restart"));
      return toast(form.dataset.said);
    }
    if (!part) return told.to && location.assign(told.to);
    form.reset();
    await swap(part);
    const back = async () => { await send(undo, new FormData()); await swap(document.getElementById(part.id)); };
    return toast(form.dataset.said ?? told.said, undo && { name: said("undo"), run: () => back().catch(complain) });
  } finally {
    submitter?.removeAttribute("aria-busy");
  }
}

// Take one part of this page anew from the server; the focus stays where it was, as far as that place still is there.
export async function swap(part) {
  const focus = document.activeElement, at = part.contains(focus) ? [focus.id, focus.tagName, focus.name] : null;
  const anew = (await page(location.href)).getElementById(part.id);
  if (!anew) return part.remove();
  const added = document.adoptNode(anew);
  part.replaceWith(added);
  added.dispatchEvent(new CustomEvent("studio:added", { bubbles: true }));
  if (!at) return;
  const found = (at[0] && document.getElementById(at[0])) || added.querySelector("button, a, textarea, input:not([type=hidden])");
  found?.focus({ preventScroll: true });
}
