"use strict";
const test = JSON.parse(document.getElementById("test").textContent);
const $ = id => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const STORE = `moodscore-listening-${test.test}`;
const ENOUGH_S = Math.min(6, 0.5 * test.seconds);  // a clip must be heard for so long before it is judged
const say = (name, ...values) => values.reduce((text, value) => text.replace("%", value), test.words[state.language][name]);

// What is kept in the browser, so that a reload loses nothing.
let kept = true;
const fresh = () => ({
  participant: hex(8), order_seed: crypto.getRandomValues(new Uint32Array(1))[0], language: test.language,
  started: false, answers: [], draft: null,
});
const hex = bytes => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), b => b.toString(16).padStart(2, "0")).join("");
function load() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE));
    if (found && Array.isArray(found.answers) && test.words[found.language] && Number.isInteger(found.order_seed)) return found;
  } catch { kept = false; }
  return fresh();
}
function save() {
  try { localStorage.setItem(STORE, JSON.stringify(state)); } catch { kept = false; }
}

// Each participant's own order: Fisher-Yates by mulberry32, so that the seed in the results gives the order again.
function mulberry32(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
function shuffled(count, seed) {
  const random = mulberry32(seed), order = Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}

let state = load();
const clipAt = position => test.clips[shuffled(test.clips.length, state.order_seed)[position]];

function element(name, attributes = {}, ...inside) {
  const svg = ["svg", "path", "circle", "rect", "line"].includes(name);
  const made = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...inside.filter(part => part !== null));
  return made;
}
const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };  // a screen reader hears changes only
const announce = text => { $("live").textContent = text; };

// The sound
const audio = new Audio();
let playing = null;
function stop() { audio.pause(); playing?.(); }
addEventListener("pagehide", stop);

function frame() {
  document.documentElement.lang = state.language;
  for (const spot of document.querySelectorAll("[data-say]")) spot.textContent = say(spot.dataset.say);
  document.title = say("title");
  const other = Object.keys(test.words).find(language => language !== state.language);
  $("language").textContent = test.words[other].language;
  $("language").lang = other;
  const inside = state.started && state.answers.length < test.clips.length;
  $("bar").hidden = !inside;
  $("bar").setAttribute("aria-valuemax", test.clips.length);
  $("bar").setAttribute("aria-valuenow", state.answers.length);
  $("bar").setAttribute("aria-label", say("progress"));
  $("bar").firstElementChild.style.width = `${100 * state.answers.length / test.clips.length}%`;
}

function show(moveFocus = true) {
  stop();
  frame();
  const main = $("main");
  const page = !state.started ? welcome() : state.answers.length < test.clips.length ? trial() : finish();
  main.className = state.started && state.answers.length < test.clips.length ? "" : "words";
  main.replaceChildren(page);
  if (moveFocus) { scrollTo(0, 0); main.querySelector("h1, h2").focus({ preventScroll: true }); }
}

function welcome() {
  const minutes = Math.max(1, Math.ceil(test.clips.length * (test.seconds + 13) / 60));
  const begin = element("button", { type: "button", class: "primary", id: "begin", "aria-disabled": "true", onclick: () => {
    if (!agree.checked) { announce(say("agree_first")); agree.focus(); return; }
    state.started = true;
    save(); show();
  } }, say("begin"));
  const agree = element("input", { type: "checkbox", id: "agree", onchange: () => begin.setAttribute("aria-disabled", String(!agree.checked)) });
  const heard = element("p", { class: "soft", role: "status" });
  const sound = element("button", { type: "button", class: "plain", id: "check", onclick: () => {
    audio.src = test.check;
    audio.play().then(() => { heard.textContent = say("check_playing"); }, () => { heard.textContent = say("check_failed"); });
  } }, say("check"));
  return element("section", { class: "card" },
    element("h1", { tabindex: -1 }, say("welcome")),
    element("p", {}, say("task", test.clips.length, minutes)),
    element("ul", {}, ...["rule_feeling", "rule_guess", "rule_machine", "rule_quiet"].map(name => element("li", {}, say(name)))),
    element("div", { class: "row" }, sound, heard),
    element("label", { class: "consent", for: "agree" }, agree, element("span", {}, say("consent"))),
    kept ? null : element("p", { class: "warn" }, say("not_kept")),
    element("div", { class: "row" }, begin));
}

const SIGNS = { play: "M8 5v14l11-7z", pause: "M7 5h4v14H7zm6 0h4v14h-4z" };
const AROUND = 258;  // pixels round the ring

function player(draft, changed) {
  const sign = element("path", { d: SIGNS.play });
  const now = element("circle", { cx: 44, cy: 44, r: 41, class: "now" });
  const told = element("p", { class: "soft", role: "status" });
  const button = element("button", { type: "button", id: "play", "aria-label": say("play"), onclick: () => (audio.paused ? play() : audio.pause()) },
    element("svg", { class: "ring", viewBox: "0 0 88 88", "aria-hidden": "true" }, element("circle", { cx: 44, cy: 44, r: 41, class: "all" }), now),
    element("svg", { class: "sign", viewBox: "0 0 24 24", "aria-hidden": "true" }, sign));
  const face = () => {
    sign.setAttribute("d", audio.paused ? SIGNS.play : SIGNS.pause);
    button.setAttribute("aria-label", say(audio.paused ? "play" : "pause"));
    now.style.strokeDashoffset = AROUND * (1 - (audio.duration ? audio.currentTime / audio.duration : 0));
    put(told, say(audio.error ? "broken" : !audio.paused ? "listening" : draft.heard_s >= ENOUGH_S ? "again" : "press_play"));
  };
  const play = () => {
    if (audio.ended) audio.currentTime = 0;
    audio.play().then(() => { if (audio.currentTime < 0.3) draft.plays += 1; save(); face(); }, failed);
  };
  const failed = () => put(told, say("broken"));
  const tick = () => {
    draft.heard_s = Math.max(draft.heard_s, Math.round(audio.currentTime * 10) / 10);
    face(); changed();
    if (!audio.paused && !audio.error) requestAnimationFrame(tick);
  };
  audio.onplay = () => requestAnimationFrame(tick);
  audio.onpause = audio.onended = () => { face(); save(); changed(); };
  audio.onerror = failed;
  playing = () => { audio.onplay = audio.onpause = audio.onended = audio.onerror = null; };
  face();
  return element("div", { class: "card player" }, button, element("div", { class: "about" },
    element("h2", { tabindex: -1 }, say("clip", state.answers.length + 1, test.clips.length)), told));
}

function moods(draft, changed) {
  const tiles = test.moods.map(mood => {
    const names = state.language === "ko" ? [mood.ko, mood.en] : [mood.en, mood.ko];
    const input = element("input", { type: "radio", name: "mood", value: mood.en, checked: draft.mood === mood.en, onchange: () => {
      draft.mood = mood.en; save(); changed();
    } });
    const tile = element("label", { class: "mood" }, input, element("span", { class: "dot", "aria-hidden": "true" }),
      element("span", {}, element("span", { class: "name" }, names[0]),
        element("span", { class: "other", lang: state.language === "ko" ? "en" : "ko" }, names[1])));
    tile.style.setProperty("--own", mood.hue);
    return tile;
  });
  return element("section", { class: "card" }, element("div", { class: "ask" }, element("b", { "aria-hidden": "true" }, "1"), element("h2", { id: "which" }, say("which_mood"))),
    element("div", { class: "moods", role: "radiogroup", "aria-labelledby": "which" }, ...tiles));
}

// The plane carries no mood names and no hues, so that it is a second question and not the first one again.
function plane(draft, changed) {
  const marks = ["halo", "here"].map(kind => element("circle", { r: kind === "halo" ? 0.13 : 0.062, class: kind }));
  const cross = [element("path", { class: "cross" })];
  const said = element("p", { class: "said", id: "said" });
  const square = element("svg", { viewBox: "-1.12 -1.12 2.24 2.24", "aria-hidden": "true" },
    element("path", { class: "axis", d: "M-1.12 0H1.12M0 -1.12V1.12" }), element("circle", { r: 0.5, class: "grid" }), element("circle", { r: 1, class: "grid" }),
    ...cross, ...marks);
  const pad = element("div", { class: "pad", id: "pad", tabindex: 0, role: "application", "aria-label": say("pad_label"), "aria-describedby": "pad_keys said" }, square,
    ...[["up", "excited"], ["down", "calm"], ["left", "unpleasant"], ["right", "pleasant"]].map(([at, word]) => element("span", { class: at, "aria-hidden": "true" }, say(word))));
  const sliders = ["valence", "arousal"].map(axis => element("input", { type: "range", id: axis, min: -1, max: 1, step: 0.05, value: draft[axis] ?? 0,
    oninput: event => move(axis === "valence" ? +event.target.value : draft.valence ?? 0, axis === "arousal" ? +event.target.value : draft.arousal ?? 0) }));
  const draw = () => {
    const placed = draft.valence !== null;
    for (const mark of [...marks, ...cross]) mark.style.display = placed ? "" : "none";
    said.textContent = placed ? words(draft.valence, draft.arousal) : say("pad_empty");
    if (!placed) return;
    for (const mark of marks) { mark.setAttribute("cx", draft.valence); mark.setAttribute("cy", -draft.arousal); }
    cross[0].setAttribute("d", `M${draft.valence} -1.12V1.12M-1.12 ${-draft.arousal}H1.12`);
    sliders.forEach((slider, k) => { slider.value = [draft.valence, draft.arousal][k]; slider.setAttribute("aria-valuetext", word(k, +slider.value)); });
  };
  const move = (valence, arousal, told = false) => {
    const inside = value => Math.round(Math.min(1, Math.max(-1, value)) * 100) / 100 + 0;
    draft.valence = inside(valence); draft.arousal = inside(arousal);
    draw(); save(); changed();
    if (told) announce(words(draft.valence, draft.arousal));
  };
  const aim = event => {
    const box = square.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width - 0.5) * 2.24, (0.5 - (event.clientY - box.top) / box.height) * 2.24);
  };
  pad.addEventListener("pointerdown", event => { try { pad.setPointerCapture(event.pointerId); } catch {} aim(event); });
  pad.addEventListener("pointermove", event => { if (event.buttons & 1) aim(event); });
  pad.addEventListener("keydown", event => {
    const step = event.shiftKey ? 0.2 : 0.05, way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], Home: [0, 0], Enter: [0, 0], " ": [0, 0] }[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.key === "Home") move(0, 0, true);
    else move((draft.valence ?? 0) + step * way[0], (draft.arousal ?? 0) + step * way[1], true);
  });
  draw();
  return element("section", { class: "card", "aria-labelledby": "where" },
    element("div", { class: "ask" }, element("b", { "aria-hidden": "true" }, "2"), element("h2", { id: "where" }, say("where"))), pad, said,
    element("p", { class: "unseen", id: "pad_keys" }, say("pad_keys")),
    element("div", { class: "fine" }, ...["valence", "arousal"].flatMap((axis, k) => [element("label", { for: axis }, say(`${axis}_slider`)), sliders[k]])));
}
const word = (axis, value) => {
  const ends = axis === 0 ? ["unpleasant", "pleasant"] : ["calm", "excited"];
  return Math.abs(value) < 0.025 ? say("middle") : `${say(ends[+(value > 0)])} ${Math.round(Math.abs(value) * 100)} %`;
};
const words = (valence, arousal) => `${word(0, valence)}, ${word(1, arousal)}`;

function trial() {
  const clip = clipAt(state.answers.length);
  if (!state.draft || state.draft.clip !== clip.id)
    state.draft = { clip: clip.id, mood: null, valence: null, arousal: null, plays: 0, heard_s: 0, spent_s: 0 };
  const draft = state.draft, begun = performance.now() - 1000 * draft.spent_s;
  audio.src = clip.sound;
  save();
  const missing = () => draft.heard_s < ENOUGH_S ? "listen_first" : !draft.mood ? "mood_first" : draft.valence === null ? "point_first" : null;
  const next = element("button", { type: "button", class: "primary", id: "next", onclick: () => {
    const lacking = missing();
    if (lacking) { announce(say(lacking)); return; }
    answer(false);
  } });
  const changed = () => {
    const lacking = missing();
    draft.spent_s = Math.round((performance.now() - begun) / 100) / 10;
    next.setAttribute("aria-disabled", String(Boolean(lacking)));
    put(next, say(lacking ?? (state.answers.length + 1 < test.clips.length ? "next" : "last")));
  };
  const answer = unplayable => {
    changed();
    const given = unplayable ? { mood: null, valence: null, arousal: null } : { mood: draft.mood, valence: draft.valence, arousal: draft.arousal };
    state.answers.push({ clip: draft.clip, ...given, unplayable, plays: draft.plays, heard_s: draft.heard_s, spent_s: draft.spent_s });
    state.draft = null;
    save(); show();
  };
  const skip = element("button", { type: "button", class: "quiet", id: "skip", onclick: () => {
    if (skip.dataset.sure) { answer(true); return; }
    skip.dataset.sure = "yes"; skip.textContent = say("skip_sure"); announce(say("skip_sure"));
  } }, say("skip"));
  const page = element("div", { class: "trial" }, player(draft, changed), moods(draft, changed), plane(draft, changed),
    element("div", { class: "foot" }, skip, next));
  changed();
  return page;
}

const results = () => ({
  format: "moodscore-listening-results", version: 1, test: test.test, participant: state.participant, order_seed: state.order_seed,
  language: state.language, clips: test.clips.length, answers: state.answers,
});

function finish() {
  const name = `results-${state.participant.slice(0, 6)}.json`;
  const text = JSON.stringify(results(), null, 1);
  const saved = element("p", { class: "soft", role: "status" });
  const download = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = element("a", { href: url, download: name });
    document.body.append(link); link.click(); link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    saved.textContent = say("saved", name);
  };
  const copy = () => navigator.clipboard.writeText(text).then(() => { saved.textContent = say("copied"); }, () => { saved.textContent = say("not_copied"); });
  const another = element("button", { type: "button", class: "quiet", id: "another", onclick: () => {
    if (!another.dataset.sure) { another.dataset.sure = "yes"; another.textContent = say("another_sure"); return; }
    const language = state.language;
    state = { ...fresh(), language };
    save(); show();
  } }, say("another"));
  return element("section", { class: "card done" },
    element("div", { class: "tick", "aria-hidden": "true" }, element("svg", { viewBox: "0 0 24 24" }, element("path", { d: "M5 13l4.5 4.5L19.5 7" }))),
    element("h1", { tabindex: -1 }, say("thanks")), element("p", {}, say("thanks_more")),
    element("div", { class: "row" }, element("button", { type: "button", class: "primary", id: "download", onclick: download }, say("download")),
      navigator.clipboard ? element("button", { type: "button", class: "plain", id: "copy", onclick: copy }, say("copy")) : null),
    saved, another);
}

$("language").addEventListener("click", () => {
  state.language = Object.keys(test.words).find(language => language !== state.language);
  save(); show(false);
});
show(false);
Object.assign(window, { moodscore: { state: () => state, order: shuffled, results } });
