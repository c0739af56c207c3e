// Sentences that scripts say, in the language of the page (templates/parts/said.html), and how they speak to the server.
const sentences = JSON.parse(document.getElementById("said")?.textContent ?? "{}");

// A sentence by its name, its {places} filled.
export function said(name, values = {}) {
  let sentence = sentences[name] ?? "";
  for (const [key, value] of Object.entries(values)) sentence = sentence.replace(`{${key}}`, value);
  return sentence;
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function csrf() {
  return document.querySelector('meta[name="csrf"]')?.content ?? "";
}

// Everything matching a selector under root, root included, that has not been readied for `name` yet.
export function fresh(root, selector, name) {
  const found = [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  const key = `ready${name}`;
  return found.filter((element) => !(key in element.dataset) && ((element.dataset[key] = ""), true));
}

// POST fields to a path of ours; gives the JSON answer, or throws an Error with a sentence and its `status`.
export async function send(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body, headers: { accept: "application/json", "x-csrf-token": csrf() } });
  } catch {
    throw new Error(said(navigator.onLine ? "failed" : "offline"));
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  throw Object.assign(new Error(told.error || said("failed")), { status: answer.status });
}

// A page of ours as a document that runs nothing.
export async function page(path) {
  const answer = await fetch(path, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(said("failed"));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// Seconds as 1:05.
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
