// Keyboard shortcuts. Everything they do is a link or a button of the page; without
// this script nothing is missing. A list is a form[data-list] with tr[data-row].
"use strict";
(() => {
  // A browser may refuse storage: then nothing is remembered, and all else works.
  const keep = (store, name, value) => { try { window[store].setItem(name, value); } catch { /* refused */ } };
  const kept = (store, name) => { try { return window[store].getItem(name); } catch { return null; } };
  const off = () => document.body.hasAttribute("data-nokeys") || kept("localStorage", "keys") === "off";
  const show = () => document.documentElement.classList.toggle("keys", !off() && !!document.querySelector("[data-key], [data-list]"));
  const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
  const place = "row:" + location.pathname;

  const visible = (e) => e.getClientRects().length > 0 && !e.disabled;
  const current = () => document.querySelector("[data-row].at");
  const say = (text) => { const s = document.getElementById("keys-say"); if (s) s.textContent = text; };

  // go marks a row, remembers its place for after the reload, and puts the focus on its link.
  function go(i, focus) {
    const all = rows();
    if (!all.length) return;
    i = Math.max(0, Math.min(i, all.length - 1));
    all.forEach((r, n) => r.classList.toggle("at", n === i));
    keep("sessionStorage", place, String(i));
    if (focus) {
      const to = all[i].querySelector("[data-open]") || all[i].querySelector("a, input");
      if (to) to.focus({ preventScroll: true });
      all[i].scrollIntoView({ block: "nearest" });
    }
  }

  function tick(row) {
    const box = row && row.querySelector("input[type=checkbox]");
    if (box) { box.checked = !box.checked; say((box.getAttribute("aria-label") || "") + (box.checked ? " ✓" : " –")); }
  }

  // press does what a button with a letter does: in a list for the ticked rows, else for the current one.
  function press(target) {
    const form = target.form && target.form.closest("[data-list]");
    if (form && target.type === "submit" && !form.querySelector("[data-row] input:checked")) {
      const row = current();
      if (!row) { go(0, true); return; }
      tick(row);
    }
    target.click();
  }

  function help() {
    const d = document.getElementById("keys-help");
    if (!d) return;
    if (d.open) { d.close(); return; }
    const list = d.querySelector("[data-letters]");
    list.textContent = "";
    const seen = new Set();
    for (const e of document.querySelectorAll("main [data-key], header [data-key]")) {
      if (seen.has(e.dataset.key) || !visible(e)) continue;
      seen.add(e.dataset.key);
      const dt = document.createElement("dt"), k = document.createElement("kbd"), dd = document.createElement("dd");
      k.textContent = e.dataset.key;
      dd.textContent = e.textContent.trim();
      dt.append(k);
      list.append(dt, dd);
    }
    d.querySelector("[data-moves]").hidden = !rows().length;
    d.querySelector("input").checked = !off();
    d.showModal();
  }

  const typing = (e) => e.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing || e.repeat && e.key !== "j" && e.key !== "k" || typing(e)) return;
    if (e.key === "?" && !document.querySelector("dialog[open]:not(#keys-help)")) { e.preventDefault(); help(); return; }
    if (off() || document.querySelector("dialog[open]")) return;
    const all = rows(), at = all.indexOf(current());
    if (all.length && (e.key === "j" || e.key === "k")) {
      e.preventDefault();
      go(at < 0 ? 0 : at + (e.key === "j" ? 1 : -1), true);
    } else if (all.length && e.key === "x") {
      e.preventDefault();
      at < 0 ? go(0, true) : tick(all[at]);
    } else if (e.key === "Enter" && at >= 0 && (e.target === document.body || e.target.id === "main" || e.target.type === "checkbox")) {
      const open = all[at].querySelector("[data-open]");
      if (open) { e.preventDefault(); open.click(); }
    } else if (e.key.length === 1) {
      const target = [...document.querySelectorAll('[data-key="' + CSS.escape(e.key) + '"]')].find(visible);
      if (target) { e.preventDefault(); press(target); }
    }
  });

  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-keys-help]")) help();
    if (e.target.closest("[data-keys-close]")) document.getElementById("keys-help").close();
  });
  document.addEventListener("change", (e) => {
    if (e.target.id !== "keys-on") return;
    keep("localStorage", "keys", e.target.checked ? "on" : "off");
    show();
  });
  // Moving by mouse or Tab moves the row, too.
  document.addEventListener("focusin", (e) => {
    const row = e.target.closest && e.target.closest("[data-list] [data-row]");
    if (row && !row.classList.contains("at")) go(rows().indexOf(row), false);
  });

  function ready() {
    show();
    const any = !!document.querySelector("[data-key], [data-list]");
    document.querySelectorAll("[data-keys-help]").forEach((b) => { b.hidden = !any; });
    const row = kept("sessionStorage", place);
    const errors = document.querySelector(".errors"), first = document.querySelector("main [autofocus]");
    if (errors) errors.focus();
    // Browsers do this themselves, but only when they next paint: a fast Enter comes before.
    else if (first && document.activeElement === document.body) first.focus();
    else if (row !== null && rows().length && !current()) go(Number(row), document.activeElement === document.body);
  }
  document.addEventListener("htmx:after:swap", ready);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
