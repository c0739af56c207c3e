// Live progress of a post that is being made: [data-progress="/p/ID"] is told by server-sent events, or asks every two seconds
// where those do not come through; with data-idle it waits until a form with data-restarts was sent. What it is told is {state, says, stages, share, eta_s, tunes, picture, open}:
//   progress[data-share]           how much is done           [data-says]   the stage in words       [data-eta]  time left in words
//   [data-stages] > [data-stage]   data-state: done, now, failed or ""
// When tunes, picture or state have changed the page is fetched once, and of its parts
//   [data-live][id]                are replaced where they differ
//   [data-live="grow"][id]         only get the children (by id) that they do not have yet, so that what is played plays on.
import { fresh, page, said } from "./said.js";
import { toast } from "./toasts.js";

const ASK_EVERY_MS = 2000;

export function start(root) {
  for (const element of fresh(root, "[data-progress]", "Progress")) new Watch(element);
}

class Watch {
  constructor(element) {
    this.element = element;
    this.path = element.dataset.progress;
    this.mark = element.dataset.mark ?? null;
    if (!("idle" in element.dataset)) this.listen();
    document.addEventListener("studio:restart", () => this.listen());
  }

  listen() {
    this.events?.close();
    if (!("EventSource" in window)) return this.ask();
    const events = (this.events = new EventSource(`${this.path}/progress`));
    let told = false;
    events.addEventListener("state", (event) => { told = true; this.tell(JSON.parse(event.data)); });
    events.addEventListener("end", () => events.close());
    events.addEventListener("error", () => {
      if (told && events.readyState === EventSource.CONNECTING) return;
      events.close();
      this.ask();
    });
    addEventListener("pagehide", () => events.close(), { once: true });
    return undefined;
  }

  async ask() {
    try {
      const answer = await fetch(`${this.path}/state`, { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const told = await answer.json();
      this.tell(told);
      if (told.open) setTimeout(() => this.ask(), ASK_EVERY_MS);
    } catch {
      setTimeout(() => this.ask(), ASK_EVERY_MS * 2);
    }
  }

  tell(told) {
    const { element } = this;
    for (const bar of element.querySelectorAll("progress[data-share]")) bar.value = told.share;
    for (const place of element.querySelectorAll("[data-says]")) if (told.says && place.textContent !== told.says) place.textContent = told.says;
    for (const place of element.querySelectorAll("[data-eta]")) place.textContent = told.workers === false ? "" : left(told.eta_s);
    for (const stage of told.stages ?? []) {
      element.querySelector(`[data-stage="${stage.name}"]`)?.setAttribute("data-state", stage.state);
    }
    const mark = JSON.stringify([told.state, told.tunes, told.picture, (told.orders ?? []).map((order) => order.state)]);
    if (this.mark !== null && mark !== this.mark) this.freshen();
    this.mark = mark;
  }

  // One fetch at a time; what changes meanwhile is fetched after it.
  async freshen() {
    if (this.busy) return void (this.again = true);
    this.busy = true;
    try {
      const anew = await page(location.href);
      const hue = anew.querySelector("[data-progress]")?.dataset.hue;
      if (hue) this.element.dataset.hue = hue;
      renew(anew);
    } catch (error) {
      toast(error.message);
    }
    this.busy = false;
    if (this.again) { this.again = false; this.freshen(); }
    return undefined;
  }
}

function left(eta_s) {
  if (eta_s === null || eta_s === undefined) return "";
  return eta_s < 1 ? said("soon") : said("left", { seconds: Math.ceil(eta_s) });
}

export function renew(anew) {
  for (const old of document.querySelectorAll("[data-live][id]")) {
    const fresher = anew.getElementById(old.id);
    if (!fresher) continue;
    if (old.dataset.live === "grow") grow(old, fresher);
    else if (old.innerHTML !== fresher.innerHTML && !old.querySelector("[data-playing]")) put(old, fresher);
  }
}

function put(old, fresher) {
  const focused = old.contains(document.activeElement) && document.activeElement.id;
  const added = document.adoptNode(fresher);
  old.replaceWith(added);
  added.dispatchEvent(new CustomEvent("studio:added", { bubbles: true }));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function grow(old, fresher) {
  for (const child of [...fresher.children]) {
    if (child.id && document.getElementById(child.id)) continue;
    const added = old.appendChild(document.adoptNode(child));
    added.classList.add("coming");
    added.dispatchEvent(new CustomEvent("studio:added", { bubbles: true }));
  }
}
