// The service worker: keeps a copy of the page's files, and answers from it. So the page works without a network.

importScripts("offline-files.js"); // self.OFFLINE: which files, and their version

const CACHE = `srcnn-${self.OFFLINE.version}`;

self.addEventListener("install", (event) => {
  const keep = async () => (await caches.open(CACHE)).addAll(self.OFFLINE.files);
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name.startsWith("srcnn-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

// The page says by which runtime it computes, so that the other one is not fetched.
self.addEventListener("message", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(self.OFFLINE.runtimes[event.data.backend]);
    event.source.postMessage({ offline: true });
  };
  event.waitUntil(keep().catch(() => {})); // without room for a copy, the page works as long as there is a network
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || new URL(event.request.url).origin !== self.location.origin) return;
  const answer = async () => (await caches.match(event.request, { ignoreSearch: true })) ?? fetch(event.request);
  event.respondWith(answer());
});
