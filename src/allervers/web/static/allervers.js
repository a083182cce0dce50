// What makes the pages quicker when scripts run. Every page works without it.
"use strict";

// The theme that the person chose, or the one of their system.
const chosen = document.cookie.match(/(?:^|; )theme=(light|dark)/);
const ofSystem = window.matchMedia("(prefers-color-scheme: dark)");
const setTheme = () => {
  document.documentElement.dataset.bsTheme = chosen ? chosen[1] : ofSystem.matches ? "dark" : "light";
};
setTheme();
ofSystem.addEventListener("change", setTheme);

document.addEventListener("DOMContentLoaded", () => {
  // A filter applies as soon as it is chosen; the button stays for keyboards and for who has no script.
  for (const field of document.querySelectorAll("form[data-live] select")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }
  // One box ticks all the lines of the page.
  for (const all of document.querySelectorAll("[data-ticks]")) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of document.getElementsByName(all.dataset.ticks)) box.checked = all.checked;
    });
  }
  // A group of the menu closes when the person goes on elsewhere, or with Escape.
  for (const group of document.querySelectorAll("[data-menu]")) {
    document.addEventListener("click", (event) => {
      if (!group.contains(event.target)) group.open = false;
    });
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !group.open) return;
      group.open = false;
      group.querySelector("summary").focus();
    });
  }
  // One more child, or family: the form grows in its page, so that the back button comes to it, filled, and never to a
  // page that the browser would have to send again.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches("form.av-household") || !button || button.name !== "add") return;
    event.preventDefault();
    const sent = new URLSearchParams(new FormData(form));
    sent.append(button.name, button.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const grown = page.querySelector("form.av-household");
      if (!answer.ok || !grown) throw new Error("no form");
      form.replaceWith(grown);
      const first = grown.querySelector("[autofocus]");
      if (first) first.focus();
    } catch {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "add", value: button.value });
      form.append(field);
      form.submit();
    }
  });
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  // A meeting does not end while answers wait in this tab: they are sent first, from the page of the interview.
  for (const form of document.querySelectorAll("form[data-ends]")) {
    form.addEventListener("submit", (event) => {
      if (!sessionStorage.getItem(form.dataset.ends)) return;
      event.preventDefault();
      window.location = form.dataset.base;
    });
  }
  // A page that waits for something to be ready comes back by itself.
  const again = document.querySelector("[data-again]");
  if (again) setTimeout(() => window.location.reload(), 1000 * again.dataset.again);
  // A page that shows work under way asks again; the tag `meta refresh` does the same without script.
  const live = document.querySelector("[data-poll]");
  if (live) {
    const again = async () => {
      const answer = await fetch(live.dataset.poll, { headers: { "X-Part": "1" } });
      if (!answer.ok) return;
      live.innerHTML = await answer.text();
      if (live.querySelector("[data-running]")) setTimeout(again, 1500);
    };
    setTimeout(again, 1500);
  }
});
