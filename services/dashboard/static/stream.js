// The search page says when something new has come that it would find. Without it, the page is as it was loaded.
"use strict";

(() => {
  const line = document.querySelector("[data-stream]");
  if (!line || !window.EventSource) return;
  const link = line.querySelector("a");
  // The index has an article a moment after it passes.
  const searchable = 1500;
  const fresh = new Set();
  let source = null;
  let last = "";

  const show = () => {
    const count = fresh.size.toLocaleString("en");
    link.textContent = fresh.size === 1 ? "1 new article – show" : `${count} new articles – show`;
    line.hidden = false;
  };
  const open = () => {
    if (source) return;
    const address = new URL(line.dataset.stream, location.href);
    if (last) address.searchParams.set("after", last);
    source = new EventSource(address);
    source.addEventListener("article", (event) => {
      last = event.lastEventId;
      const told = JSON.parse(event.data);
      if (told.change !== "new") return;
      fresh.add(told.article.id);
      setTimeout(show, searchable);
    });
  };
  const close = () => {
    if (source) source.close();
    source = null;
  };
  // A browser has few connections to one place: a page that nobody looks at gives its own back.
  const look = () => (document.visibilityState === "visible" ? open() : close());
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", look);
  look();
})();
