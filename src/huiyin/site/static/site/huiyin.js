// What a page does beyond HTML. Everything here is an addition: without it each page still works.
"use strict";
(() => {
  const first = (selector, root = document) => root.querySelector(selector);

  // The summary of errors takes the focus, so that a keyboard and a screen reader begin there.
  const begin = root => { const summary = first("[data-focus]", root); if (summary) summary.focus(); };

  // "/" leads to the search of the page, Escape closes an open menu.
  const isWriting = target => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  document.addEventListener("keydown", event => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target)) {
      const search = first("[data-search], input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "Escape") {
      const open = first("details.account-menu[open], details.menu[open], .table-columns[open], .table-choices[open]");
      if (open) { open.open = false; first("summary", open).focus(); }
    }
  });
  document.addEventListener("click", event => {
    document.querySelectorAll("details.account-menu[open], details.menu[open], .table-columns[open], .table-choices[open]").forEach(menu => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // A form that is sent is sent once; the button says that it is at work.
  document.addEventListener("submit", event => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.hasAttribute("data-again")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (button) { button.setAttribute("aria-disabled", "true"); button.classList.add("working"); }
  });
  // Coming back by the browser's history finds the form ready again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach(form => delete form.dataset.sent);
    document.querySelectorAll(".working").forEach(button => {
      button.classList.remove("working"); button.removeAttribute("aria-disabled");
    });
  });

  // Print, copy and "choose all" are buttons that only a script can serve: shown where it runs.
  document.documentElement.classList.add("scripted");
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-print], [data-copy]");
    if (!button) return;
    if (button.hasAttribute("data-print")) window.print();
    else if (navigator.clipboard) {
      navigator.clipboard.writeText(first(button.dataset.copy).textContent.trim())
        .then(() => say(button.dataset.done || "", "success"));
    }
  });

  // On a phone the filters of a list are folded away, so that the list is seen first.
  const phone = window.matchMedia("(max-width: 48rem)");
  const fold = () => document.querySelectorAll("details.table-narrow").forEach(filters => {
    filters.open = !phone.matches || filters.hasAttribute("data-wrong");
  });
  phone.addEventListener("change", fold);
  document.addEventListener("htmx:afterSwap", fold);

  // What htmx could not load is said aloud and shown.
  const say = (text, tone) => {
    const place = first("#announcements");
    if (!place || !text) return;
    const notice = document.createElement("div");
    notice.className = `notice ${tone}`;
    notice.textContent = text;
    place.replaceChildren(notice);
    window.setTimeout(() => notice.remove(), 12000);
  };
  const place = () => first("#announcements").dataset;
  document.addEventListener("htmx:responseError", () => say(place().failed, "error"));
  document.addEventListener("htmx:sendError", () => say(place().offline, "error"));
  document.addEventListener("htmx:afterSwap", event => begin(event.target));

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => { fold(); begin(document); });
  else { fold(); begin(document); }
})();
