// A place on the plane: two sliders, valence and arousal, shown as one dot. It is dragged, pressed, or moved by the arrow keys:
// left and right for valence, up and down for arousal, whichever slider has the focus. The sliders are what the form sends and
// what screen readers read.
import { fresh, said } from "./said.js";

const STEP = 0.05, LEAP = 0.25, MARGIN = 1.12, MIDDLE = 0.12;

export function start(root) {
  for (const element of fresh(root, "[data-plane]", "Plane")) new Plane(element);
  for (const element of fresh(root, ".plane", "Apart")) apart([...element.querySelectorAll(".plane-photo")]);
}

// Photos that would cover one another are moved apart a little, never far from where they belong.
const ROOM = 25, FAR = 22, ROUNDS = 40, EDGE = 97;

function apart(photos) {
  if (photos.length < 2) return;
  const homes = photos.map((photo) => photo.getAttribute("transform").match(/-?[\d.]+/g).map(Number));
  const places = homes.map(([x, y], k) => [x + 0.01 * k, y - 0.01 * k]);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let a = 0; a < places.length; a += 1) for (let b = 0; b < a; b += 1) push(places[a], places[b]);
    places.forEach((place, k) => pull(place, homes[k]));
  }
  photos.forEach((photo, k) => photo.setAttribute("transform", `translate(${places[k].map((part) => part.toFixed(1)).join(" ")})`));
}

function push(one, other) {
  const [x, y] = [one[0] - other[0], one[1] - other[1]], far = Math.hypot(x, y);
  if (far >= ROOM || far === 0) return;
  const by = (ROOM - far) / 2 / far;
  one[0] += x * by; one[1] += y * by; other[0] -= x * by; other[1] -= y * by;
}

function pull(place, home) {
  const [x, y] = [place[0] - home[0], place[1] - home[1]], share = Math.min(1, FAR / (Math.hypot(x, y) || 1));
  place[0] = Math.min(EDGE, Math.max(-EDGE, home[0] + x * share));
  place[1] = Math.min(EDGE, Math.max(-EDGE, home[1] + y * share));
}

class Plane {
  constructor(element) {
    this.element = element;
    this.field = element.querySelector(".plane-field");
    this.thumb = element.querySelector(".plane-thumb");
    this.valence = element.querySelector('input[name="valence"]');
    this.arousal = element.querySelector('input[name="arousal"]');
    this.output = element.querySelector("output");
    this.names = this.valence.dataset.names.split(",").map((pair) => pair.split(":")[1]);
    this.listen();
    this.show();
  }

  listen() {
    const { field } = this;
    field.addEventListener("pointerdown", (event) => {
      if (event.button > 0 || event.target.closest("a")) return;
      event.preventDefault();
      field.setPointerCapture(event.pointerId);
      this.element.classList.add("dragging");
      this.toPointer(event);
      this.valence.focus({ preventScroll: true, focusVisible: false });
    });
    field.addEventListener("pointermove", (event) => { if (field.hasPointerCapture(event.pointerId)) this.toPointer(event); });
    for (const name of ["pointerup", "pointercancel"]) {
      field.addEventListener(name, () => this.element.classList.remove("dragging"));
    }
    for (const slider of [this.valence, this.arousal]) {
      slider.addEventListener("keydown", (event) => this.key(event));
      slider.addEventListener("input", () => this.show());
    }
  }

  toPointer(event) {
    const box = this.field.getBoundingClientRect();
    const right = ((event.clientX - box.left) / box.width) * 2 - 1, down = ((event.clientY - box.top) / box.height) * 2 - 1;
    this.to(right * MARGIN, -down * MARGIN);
  }

  key(event) {
    const step = event.shiftKey ? LEAP : STEP;
    const move = { ArrowRight: [step, 0], ArrowLeft: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (!move) return;
    event.preventDefault();
    this.to(Number(this.valence.value) + move[0], Number(this.arousal.value) + move[1]);
  }

  to(valence, arousal) {
    this.valence.value = Math.min(1, Math.max(-1, valence));
    this.arousal.value = Math.min(1, Math.max(-1, arousal));
    this.show();
  }

  // The mood whose direction is nearest, as its place among the eight, or -1 in the neutral middle.
  mood(valence, arousal) {
    if (Math.hypot(valence, arousal) < MIDDLE) return -1;
    return (Math.round(Math.atan2(arousal, valence) / (Math.PI / 4)) + 8) % 8;
  }

  show() {
    const valence = Number(this.valence.value), arousal = Number(this.arousal.value), mood = this.mood(valence, arousal);
    const hue = Math.round(((Math.atan2(arousal, valence) * 180) / Math.PI + 360) / 15) * 15 % 360;
    this.thumb.setAttribute("transform", `translate(${valence * 100} ${-arousal * 100})`);
    this.element.dataset.hue = hue;
    const name = mood < 0 ? said("middle") : this.names[mood];
    const words = said("place", { mood: name, valence: valence.toFixed(2), arousal: arousal.toFixed(2) });
    this.output.textContent = name;
    this.valence.setAttribute("aria-valuetext", words);
    this.arousal.setAttribute("aria-valuetext", words);
  }
}
