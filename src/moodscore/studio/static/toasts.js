// Toasts: short news at the foot of the page, read aloud politely, with one thing to do about them at most.
const SHOWN_MS = 5000, WITH_ACTION_MS = 9000;

// `action` is {name, run} for a button, or {name, href} for a link.
export function toast(sentence, action) {
  const place = document.getElementById("toasts");
  if (!place || !sentence) return;
  const note = document.createElement("div");
  note.className = "toast";
  const words = document.createElement("span");
  words.textContent = sentence;
  note.append(words);
  if (action) note.append(actionOf(action, note));
  place.replaceChildren(note);
  let timer;
  const leave = () => { timer = setTimeout(() => note.remove(), action ? WITH_ACTION_MS : SHOWN_MS); };
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("focusin", () => clearTimeout(timer));
  note.addEventListener("pointerleave", leave);
  note.addEventListener("focusout", leave);
  leave();
}

function actionOf(action, note) {
  const element = document.createElement(action.href ? "a" : "button");
  element.textContent = action.name;
  if (action.href) element.href = action.href;
  else element.addEventListener("click", () => { note.remove(); action.run(); });
  return element;
}
