// Players: one tune at a time across all pages, no sound before somebody asks for it, the system's own media keys.
// A photo and its music come and go together as they do in the film: one envelope, a raised cosine of one second at either
// end, drives the picture's opacity (--shown) and the sound's volume.
import { calm, clock, fresh, said } from "./said.js";
import { toast } from "./toasts.js";
import { Drawing } from "./wave.js";

const FADE_S = 1, STEP_S = 5;
const elsewhere = "BroadcastChannel" in window ? new BroadcastChannel("studio:sound") : null;
let current = null;

export function start(root) {
  for (const element of fresh(root, "[data-player]", "Player")) new Player(element);
}

elsewhere?.addEventListener("message", () => current?.pause());

const fade = (share) => 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, Math.max(0, share)));

// How far picture and sound have appeared at a time, 0..1.
export function envelope(time_s, length_s) {
  return Math.min(fade(time_s / FADE_S), fade((length_s - time_s) / FADE_S));
}

class Player {
  constructor(element) {
    this.element = element;
    this.sound = element.querySelector("[data-sound]");
    this.seeker = element.querySelector("[data-seek]");
    this.clock = element.querySelector("[data-time]");
    this.wave = new Drawing(element.querySelector(".wave"));
    this.isFilm = this.sound.tagName === "VIDEO";
    this.sound.controls = false;
    this.listen();
    this.show();
  }

  get length() {
    return Number.isFinite(this.sound.duration) && this.sound.duration > 0 ? this.sound.duration : Number(this.seeker.max);
  }

  listen() {
    for (const button of this.element.querySelectorAll("[data-play]")) {
      button.addEventListener("click", () => (this.sound.paused ? this.play() : this.pause()));
    }
    this.element.querySelector(".frame")?.addEventListener("click", (event) => {
      if (!event.target.closest("a, button")) (this.sound.paused ? this.play() : this.pause());
    });
    this.sound.addEventListener("play", () => this.started());
    this.sound.addEventListener("pause", () => this.stopped());
    this.sound.addEventListener("ended", () => { this.sound.currentTime = 0; this.stopped(); });
    this.sound.addEventListener("timeupdate", () => this.show());
    this.sound.addEventListener("loadedmetadata", () => { this.seeker.max = this.length.toFixed(1); this.show(); });
    this.seeker.addEventListener("input", () => this.seek(Number(this.seeker.value)));
    this.seeker.addEventListener("keydown", (event) => {
      const step = { ArrowRight: STEP_S, ArrowUp: STEP_S, ArrowLeft: -STEP_S, ArrowDown: -STEP_S }[event.key];
      if (!step) return;
      event.preventDefault();
      this.seek(this.sound.currentTime + step);
    });
  }

  async play() {
    if (current && current !== this) current.pause();
    current = this;
    elsewhere?.postMessage("mine");
    try {
      await this.sound.play();
    } catch (error) {
      if (error.name !== "AbortError") toast(said("unheard"));
      this.stopped();
    }
  }

  pause() {
    this.sound.pause();
  }

  seek(time_s) {
    this.sound.currentTime = Math.min(this.length, Math.max(0, time_s));
    this.show();
  }

  started() {
    this.element.dataset.playing = "";
    this.label("labelPause");
    this.tellSystem();
    const step = () => {
      if (this.sound.paused) return;
      this.show();
      requestAnimationFrame(step);
    };
    step();
  }

  stopped() {
    delete this.element.dataset.playing;
    this.label("labelPlay");
    this.element.style.setProperty("--shown", 1);
    this.show();
    if ("mediaSession" in navigator && current === this) navigator.mediaSession.playbackState = "paused";
  }

  label(name) {
    for (const button of this.element.querySelectorAll("[data-play]")) button.setAttribute("aria-label", button.dataset[name]);
  }

  show() {
    const at = this.sound.currentTime || 0, length = this.length;
    this.wave.draw(length ? at / length : 0, length);
    this.seeker.value = at;
    this.seeker.setAttribute("aria-valuetext", said("of", { at: clock(at), total: clock(length) }));
    this.clock.textContent = at > 0 ? clock(at) : clock(length);
    if (this.sound.paused) return;
    const shown = envelope(at, length);
    this.sound.volume = this.isFilm ? 1 : shown;
    this.element.style.setProperty("--shown", this.isFilm || calm() ? 1 : shown);
  }

  tellSystem() {
    if (!("mediaSession" in navigator)) return;
    const { title, artist, art } = this.element.dataset, session = navigator.mediaSession;
    const artwork = art ? [{ src: new URL(art, location.origin).href }] : [];
    session.metadata = new MediaMetadata({ title, artist, artwork });
    session.playbackState = "playing";
    const actions = {
      play: () => this.play(),
      pause: () => this.pause(),
      seekto: (details) => this.seek(details.seekTime),
      seekbackward: () => this.seek(this.sound.currentTime - STEP_S),
      seekforward: () => this.seek(this.sound.currentTime + STEP_S),
      previoustrack: () => this.neighbour(-1),
      nexttrack: () => this.neighbour(1),
    };
    for (const [name, run] of Object.entries(actions)) {
      try { session.setActionHandler(name, run); } catch { /* a browser that does not know this one */ }
    }
    if (this.length) session.setPositionState?.({ duration: this.length, position: Math.min(this.sound.currentTime, this.length) });
  }

  // The player before or after this one on the page begins.
  neighbour(step) {
    const all = [...document.querySelectorAll("[data-player]")], next = all[all.indexOf(this.element) + step];
    if (!next) return;
    next.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    next.querySelector("[data-play]").click();
  }
}
