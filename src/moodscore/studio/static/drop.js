// Dropping, pasting, choosing or taking a photo. form[data-drop] holds a .drop with input[type=file] and may hold
//   [data-previews]   a list where what was chosen is shown, left out and ordered (previews.js)
//   [data-camera]     a button that takes a photo        [data-sending]  progress and words while it is sent
// data-instant sends as soon as something is chosen; data-most is how many files there may be.
// A photo shared from another app (share_target, kept by the service worker) arrives as /upload?shared=1.
import { Previews } from "./previews.js";
import { csrf, fresh, said } from "./said.js";
import { toast } from "./toasts.js";

export function start(root) {
  for (const form of fresh(root, "form[data-drop]", "Drop")) new Drop(form);
}

class Drop {
  constructor(form) {
    this.form = form;
    this.zone = form.querySelector(".drop");
    this.input = form.querySelector('input[type="file"]');
    this.previews = new Previews(form, (files) => this.put(files));
    this.sending = form.querySelector("[data-sending]");
    this.listen();
    if (new URLSearchParams(location.search).has("shared")) this.fromShare();
  }

  get most() {
    return this.input.multiple ? Number(this.form.dataset.most || 32) : 1;
  }

  listen() {
    this.input.addEventListener("change", () => this.changed());
    this.form.addEventListener("submit", (event) => this.submit(event));
    addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.zone.classList.add("over");
    });
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) this.zone.classList.remove("over"); });
    addEventListener("drop", (event) => {
      if (!event.dataTransfer?.files.length || !this.form.isConnected) return;
      event.preventDefault();
      this.zone.classList.remove("over");
      this.add([...event.dataTransfer.files]);
    });
    addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length && this.form.isConnected) this.add(files);
    });
    const camera = this.form.querySelector("[data-camera]");
    if (!camera) return;
    camera.hidden = !matchMedia("(pointer: coarse)").matches;
    camera.addEventListener("click", () => this.camera());
  }

  camera() {
    const taking = document.createElement("input");
    Object.assign(taking, { type: "file", accept: "image/*", capture: "environment" });
    taking.addEventListener("change", () => this.add([...taking.files]));
    taking.click();
  }

  add(files) {
    this.put(this.input.multiple ? [...this.input.files, ...files] : files.slice(0, 1));
  }

  put(files) {
    if (files.length > this.most) toast(said("too_many", { count: this.most }));
    const held = new DataTransfer();
    for (const file of files.slice(0, this.most)) held.items.add(file);
    this.input.files = held.files;
    this.changed();
  }

  changed() {
    this.previews.draw([...this.input.files]);
    this.form.toggleAttribute("data-chosen", this.input.files.length > 0);
    if ("instant" in this.form.dataset && this.input.files.length) this.form.requestSubmit();
  }

  submit(event) {
    event.preventDefault();
    if (this.busy || !this.form.reportValidity()) return;
    this.busy = true;
    const ask = new XMLHttpRequest();
    ask.open("POST", this.form.action);
    ask.setRequestHeader("accept", "application/json");
    ask.setRequestHeader("x-csrf-token", csrf());
    ask.responseType = "json";
    ask.upload.addEventListener("progress", (part) => { if (part.lengthComputable) this.tell(part.loaded / part.total); });
    ask.addEventListener("load", () => {
      if (ask.status < 300 && ask.response?.to) location.assign(ask.response.to);
      else this.fail(ask.response?.error);
    });
    ask.addEventListener("error", () => this.fail(said(navigator.onLine ? "failed" : "offline")));
    this.tell(0);
    ask.send(new FormData(this.form));
  }

  tell(share) {
    this.form.setAttribute("aria-busy", "true");
    for (const button of this.form.querySelectorAll('button[type="submit"]')) button.disabled = true;
    if (!this.sending) return;
    this.sending.hidden = false;
    const bar = this.sending.querySelector("progress"), words = this.sending.querySelector("[data-words]");
    if (bar) bar.value = share;
    if (words) words.textContent = share < 1 ? said("uploading", { share: Math.round(100 * share) }) : said("waiting");
  }

  fail(sentence) {
    this.busy = false;
    this.form.removeAttribute("aria-busy");
    for (const button of this.form.querySelectorAll('button[type="submit"]')) button.disabled = false;
    if (this.sending) this.sending.hidden = true;
    toast(sentence || said("failed"));
  }

  async fromShare() {
    const kept = await caches.open("shared"), found = await kept.keys();
    const files = await Promise.all(found.map(async (request) => {
      const answer = await kept.match(request), blob = await answer.blob();
      return new File([blob], decodeURIComponent(request.url.split("/").pop()), { type: blob.type });
    }));
    await caches.delete("shared");
    if (files.length) this.add(files);
  }
}
