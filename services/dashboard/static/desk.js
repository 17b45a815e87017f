// The desk: counting as somebody types, copying, further fields, pieces that keep themselves fresh.
// Every page works without it: the same is done by pressing a button or by loading the page again.
"use strict";

(() => {
  // What only those without this script need.
  for (const element of document.querySelectorAll("[data-without-script]")) element.hidden = true;

  // What an alert would have told, as its query is typed.
  const query = document.querySelector("[data-estimate]");
  const place = document.getElementById("estimate");
  if (query && place) {
    let asked = 0;
    let timer = 0;
    const look = async () => {
      const mine = ++asked;
      const per = query.form.elements.per.value;
      const address = `${query.dataset.estimate}?${new URLSearchParams({ query: query.value, per })}`;
      place.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(address, { headers: { accept: "text/html" } });
        const piece = await answer.text();
        if (mine === asked && answer.ok) place.innerHTML = piece;
      } catch {
        // The server does not answer; what stands there stays.
      }
      if (mine === asked) place.removeAttribute("aria-busy");
    };
    const soon = (wait) => {
      clearTimeout(timer);
      timer = setTimeout(look, wait);
    };
    query.addEventListener("input", () => soon(350));
    for (const choice of query.form.querySelectorAll("input[name=per]")) {
      choice.addEventListener("change", () => soon(0));
    }
  }

  // One more field of the same kind, without a new page.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=more]");
    const rows = button && button.closest("[data-rows]");
    if (!rows) return;
    event.preventDefault();
    const fields = rows.querySelectorAll(":scope > input, :scope > .pair");
    if (fields.length >= 10) return;
    const last = fields[fields.length - 1];
    const next = last.cloneNode(true);
    for (const input of next.matches("input") ? [next] : next.querySelectorAll("input, select")) {
      if (input.matches("select")) input.selectedIndex = 0;
      else input.value = "";
      input.removeAttribute("id");
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    last.after(next);
    (next.matches("input") ? next : next.querySelector("input, select")).focus();
  });

  // Copying.
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy"); // where the page is not served over https
      }
      const said = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = said), 1500);
    });
  }
  for (const field of document.querySelectorAll(".copyable input")) {
    field.addEventListener("focus", () => field.select());
  }

  // Pieces that are asked for again every few seconds, while somebody looks and has nothing in hand there.
  const fill = (piece, text) => {
    const open = new Map();
    for (const details of piece.querySelectorAll("details[id]")) open.set(details.id, details.open);
    piece.innerHTML = text;
    for (const details of piece.querySelectorAll("details[id]")) {
      if (open.has(details.id)) details.open = open.get(details.id);
    }
  };
  for (const piece of document.querySelectorAll("[data-fresh]")) {
    const every = 1000 * Number(piece.dataset.every || 3);
    const note = document.querySelector("[data-fresh-note]");
    const renew = async () => {
      const busy = piece.contains(document.activeElement) || piece.querySelector("details[open]:not([id])");
      if (document.visibilityState === "visible" && !busy) {
        let said = "";
        try {
          const answer = await fetch(piece.dataset.fresh, { headers: { accept: "text/html" } });
          if (answer.ok && !answer.redirected) fill(piece, await answer.text());
          else said = "The server does not answer as it should; what stands here is old.";
        } catch {
          said = "The server does not answer; what stands here is old.";
        }
        if (note && note.textContent !== said) note.textContent = said;
      }
      setTimeout(renew, every);
    };
    setTimeout(renew, every);
  }
})();
