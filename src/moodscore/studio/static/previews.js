// What was chosen, shown before it is sent: [data-previews] is the list, [data-ordering] what is said when there are several,
// [data-oldest] a button that sorts. Each can be left out, and moved by its arrows or by dragging; `put` takes the new files.
import { said } from "./said.js";

const GRASP = 6;  // pixels from which a press becomes a drag

export class Previews {
  constructor(form, put) {
    this.list = form.querySelector("[data-previews]");
    this.ordering = form.querySelector("[data-ordering]");
    this.put = put;
    this.files = [];
    form.querySelector("[data-oldest]")?.addEventListener("click", () => this.put(oldestFirst(this.files)));
    this.list?.addEventListener("pointerdown", (event) => this.grasp(event));
  }

  draw(files) {
    this.files = files;
    if (!this.list) return;
    for (const shown of this.list.querySelectorAll("img, video")) URL.revokeObjectURL(shown.src);
    this.list.classList.toggle("one", files.length === 1);
    this.list.replaceChildren(...files.map((file, place) => this.item(file, place)));
    if (this.ordering) this.ordering.hidden = files.length < 2;
  }

  item(file, place) {
    const item = document.createElement("li"), count = this.files.length;
    item.append(picture(file, () => item.classList.add("unseen")));
    item.append(button("remove", "×", `${said("remove")}: ${file.name}`, () => this.put(this.files.filter((_, other) => other !== place))));
    if (count < 2) return item;
    item.append(Object.assign(document.createElement("span"), { className: "number", textContent: place + 1 }));
    for (const [name, sign, to] of [["earlier", "‹", place - 1], ["later", "›", place + 1]]) {
      const arrow = button(name, sign, `${said(name)}: ${file.name}`, () => this.move(place, to, name));
      arrow.disabled = to < 0 || to >= count;
      item.append(arrow);
    }
    return item;
  }

  // Move the file at one place to another; `name` is the arrow that did it and keeps the focus.
  move(from, to, name) {
    const files = [...this.files], [file] = files.splice(from, 1);
    files.splice(to, 0, file);
    this.put(files);
    const arrows = [...this.list.children[to].querySelectorAll(".earlier:enabled, .later:enabled")];
    if (name) (arrows.find((arrow) => arrow.classList.contains(name)) ?? arrows[0])?.focus();
    const told = this.ordering?.querySelector("[data-told]");  // for screen readers: who sees the page saw it move
    if (told) told.textContent = said("moved", { name: file.name, at: to + 1, total: files.length });
  }

  // A preview is dragged with a mouse or pen; a finger scrolls the page, and has the arrows.
  grasp(event) {
    const item = event.target.closest("li"), from = [...this.list.children].indexOf(item);
    if (from < 0 || this.files.length < 2 || event.button || event.pointerType === "touch" || event.target.closest("button")) return;
    event.preventDefault();
    const end = new AbortController(), { clientX, clientY } = event;
    let over = from;
    const follow = (now) => {
      const x = now.clientX - clientX, y = now.clientY - clientY;
      if (!item.classList.contains("held") && Math.hypot(x, y) < GRASP) return;
      item.classList.add("held");
      item.style.translate = `${x}px ${y}px`;
      const under = document.elementsFromPoint(now.clientX, now.clientY).find((e) => e !== item && e.parentElement === this.list);
      over = under ? [...this.list.children].indexOf(under) : from;
      for (const [place, other] of [...this.list.children].entries()) other.classList.toggle("target", place === over && over !== from);
    };
    const drop = (commit) => {
      end.abort();
      item.classList.remove("held");
      item.style.translate = "";
      for (const other of this.list.children) other.classList.remove("target");
      if (commit && over !== from) this.move(from, over, "");
    };
    addEventListener("pointermove", follow, { signal: end.signal });
    addEventListener("pointerup", () => drop(true), { signal: end.signal });
    addEventListener("pointercancel", () => drop(false), { signal: end.signal });
    addEventListener("keydown", (key) => { if (key.key === "Escape") drop(false); }, { signal: end.signal });
  }
}

const oldestFirst = (files) => [...files].sort((one, other) => one.lastModified - other.lastModified || one.name.localeCompare(other.name));

function picture(file, unseen) {
  const shown = document.createElement(file.type.startsWith("video/") ? "video" : "img");
  shown.src = URL.createObjectURL(file);
  if (shown.tagName === "IMG") Object.assign(shown, { alt: file.name, draggable: false });
  else Object.assign(shown, { muted: true, preload: "metadata" });
  shown.addEventListener("error", unseen);
  return shown;
}

function button(name, sign, label, press) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: name, textContent: sign });
  made.setAttribute("aria-label", label);
  made.addEventListener("click", press);
  return made;
}
