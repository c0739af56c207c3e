"use strict";
const root = document.documentElement;
root.classList.add("js");
const words = { play: { en: "Play", ko: "재생" }, pause: { en: "Pause", ko: "일시 정지" }, place: { en: "Position in", ko: "위치:" } };
const players = [...document.querySelectorAll(".player")];
const clock = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function name(player) {
  const said = player.dataset[root.dataset.lang], button = player.querySelector(".play");
  button.setAttribute("aria-label", `${words[player.classList.contains("playing") ? "pause" : "play"][root.dataset.lang]}: ${said}`);
  player.querySelector("input").setAttribute("aria-label", `${words.place[root.dataset.lang]} ${said}`);
}

function speak(language) {
  root.dataset.lang = root.lang = language;
  players.forEach(name);
}

for (const player of players) {
  const audio = player.querySelector("audio"), seek = player.querySelector("input"), head = player.querySelector("i"), time = player.querySelector(".clock");
  const seconds = Number(player.dataset.seconds);
  const show = () => {
    const at = Math.min(seconds, audio.currentTime);
    head.style.left = `${100 * at / seconds}%`;
    seek.value = at;
    seek.setAttribute("aria-valuetext", clock(at));
    time.textContent = `${clock(at)} / ${clock(seconds)}`;
  };
  const tick = () => { show(); if (!audio.paused) requestAnimationFrame(tick); };
  player.querySelector(".play").addEventListener("click", () => { if (audio.paused) audio.play().catch(() => {}); else audio.pause(); });
  seek.addEventListener("input", () => { audio.currentTime = Number(seek.value); show(); });
  audio.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.querySelector("audio").pause();
    player.classList.add("playing");
    name(player);
    tick();
  });
  for (const ending of ["pause", "ended"]) audio.addEventListener(ending, () => { player.classList.remove("playing"); name(player); show(); });
  audio.addEventListener("loadedmetadata", show);
  show();
}

const toggle = document.getElementById("language");
toggle.hidden = false;
toggle.addEventListener("click", () => speak(root.dataset.lang === "en" ? "ko" : "en"));
speak(root.dataset.lang);
