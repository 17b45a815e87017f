// What pages do beyond links and forms. Every page works without it.
"use strict";

(() => {
  const root = document.documentElement;

  // "/" goes to the search box, from anywhere but a field.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = document.getElementById("q");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // "j" and "k" go from result to result, Enter opens as everywhere.
  document.addEventListener("keydown", (event) => {
    if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const heads = [...document.querySelectorAll(".card h2 a, .card h3 a, .story h2 a")];
    if (!heads.length) return;
    const here = heads.indexOf(document.activeElement);
    const next = event.key === "j" ? here + 1 : Math.max(here, 1) - 1;
    heads[Math.min(next, heads.length - 1)].focus();
  });

  // Light or dark without a new page.
  const toggle = document.querySelector("[data-theme-toggle]");
  if (toggle) {
    toggle.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const now = root.dataset.theme || system;
      const next = now === "dark" ? "light" : "dark";
      root.dataset.theme = next;
      const year = 365 * 86400;
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `hw_theme=${next}; path=/; max-age=${year}; samesite=lax${secure}`;
      toggle.value = now;
    });
  }

  // An open menu closes when something else is chosen.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  });

  // A label and its words light up together.
  const reading = document.querySelector("[data-reading]");
  if (reading) {
    const labels = [...document.querySelectorAll("[data-label]")];
    const marks = [...reading.querySelectorAll("mark[data-labels]")];
    const light = (keys) => {
      for (const label of labels) label.classList.toggle("lit", keys.includes(label.dataset.label));
      for (const mark of marks) {
        mark.classList.toggle("lit", mark.dataset.labels.split(" ").some((key) => keys.includes(key)));
      }
    };
    const keysOf = (target) => {
      const label = target.closest("[data-label]");
      if (label) return [label.dataset.label];
      const mark = target.closest("mark[data-labels]");
      return mark ? mark.dataset.labels.split(" ") : [];
    };
    for (const kind of ["mouseover", "focusin"]) {
      document.addEventListener(kind, (event) => light(keysOf(event.target)));
    }
    for (const kind of ["mouseout", "focusout"]) document.addEventListener(kind, () => light([]));
  }
})();
