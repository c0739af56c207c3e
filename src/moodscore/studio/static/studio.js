// Starts what is on the page. Each module's start(root) readies what it finds under root, and leaves alone what is ready,
// so that it can be called again for cards that come later. Everything works without scripts, only less smoothly.
import { start as asyncForms } from "./async_forms.js";
import { start as dialogs } from "./dialogs.js";
import { start as drop } from "./drop.js";
import { start as fill } from "./fill.js";
import { start as endless } from "./endless.js";
import { start as planes } from "./plane.js";
import { start as players } from "./player.js";
import { start as progress } from "./progress.js";
import { start as share } from "./share.js";
import { start as theme } from "./theme.js";
import { said } from "./said.js";
import { toast } from "./toasts.js";

const MODULES = [theme, dialogs, asyncForms, players, planes, drop, fill, progress, share, endless];

export function startAll(root) {
  for (const start of MODULES) start(root);
}

startAll(document);
for (const open of document.querySelectorAll(".tabs [aria-current], .mood-links [aria-current]")) {
  open.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
}
document.addEventListener("studio:added", (event) => startAll(event.target));
addEventListener("offline", () => toast(said("offline")));
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
