// The service worker. VERSION and SHELL are written before this by pages/app_shell.py.
//   pages            from the network; without it the copy of last time, or the offline page
//   /static/?v=      from the cache: a new version has a new address
//   everything else  (pictures, tunes, events, forms) is left to the browser, and never kept here
// Pages about one person alone are never kept, and logging in or out forgets the rest.
const STATIC = `static ${VERSION}`, PAGES = "pages", SHARED = "shared", OFFLINE = "/offline", MOST_PAGES = 40;
const OPEN = [/^\/$/, /^\/(public|feed|about|offline)$/, /^\/(mood|tag)\//, /^\/p\/[^/]+$/, /^\/@[^/]+$/];

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST") {
    if (url.pathname === "/share") event.respondWith(share(request));
    else if (/^\/(log-in|log-out|sign-up|language|settings)/.test(url.pathname)) event.waitUntil(caches.delete(PAGES));
    return;
  }
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/") && url.searchParams.has("v")) event.respondWith(fromCache(request));
  else if (request.mode === "navigate") event.respondWith(fromNetwork(request, url));
});

async function install() {
  const kept = await caches.open(STATIC);
  await kept.addAll(SHELL);
  await kept.add(new Request(OFFLINE, { credentials: "omit", headers: { "accept-language": navigator.language } }));
  await skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (![STATIC, PAGES, SHARED].includes(name)) await caches.delete(name);
  await clients.claim();
}

async function fromCache(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(STATIC)).put(request, answer.clone());
  return answer;
}

async function fromNetwork(request, url) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && OPEN.some((path) => path.test(url.pathname))) await keep(request, answer.clone());
    return answer;
  } catch {
    return (await caches.match(request, { cacheName: PAGES })) ?? caches.match(OFFLINE);
  }
}

async function keep(request, answer) {
  if (/no-store/.test(answer.headers.get("cache-control") ?? "")) return;
  const pages = await caches.open(PAGES);
  await pages.put(request, answer);
  const kept = await pages.keys();
  for (const old of kept.slice(0, Math.max(0, kept.length - MOST_PAGES))) await pages.delete(old);
}

// Photos from another app wait in a cache until the upload page takes them (drop.js).
async function share(request) {
  const fields = await request.formData(), kept = await caches.open(SHARED);
  for (const file of fields.getAll("files")) {
    await kept.put(`/shared/${encodeURIComponent(file.name)}`, new Response(file, { headers: { "content-type": file.type } }));
  }
  return Response.redirect("/upload?shared=1", 303);
}
