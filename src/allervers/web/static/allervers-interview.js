// The interview answers without leaving the page, and goes on while the network is cut. Every page works without it.
// Answers that wait are in this tab alone (sessionStorage), until the server has them; nothing is left once it is over.
"use strict";

const WAIT_MS = 8000;
const AGAIN_MS = 4000;
const AHEAD_MS = 600;
// What the server says of one answer alone: the others go on. Other refusals are about the whole page.
const OF_ONE_ANSWER = new Set([400, 404, 500, 502]);

class Talk {
  constructor(place, state) {
    this.place = place;
    this.state = state;
    this.key = place.dataset.key;
    this.abandon = document.getElementById("abandon");
    this.retry = document.getElementById("reessayer");
    this.busy = false;
    this.unread = false;
    this.ahead = new Map();
    const kept = JSON.parse(sessionStorage.getItem(this.key) || "null");
    this.queue = kept ? kept.queue : [];
    this.aside = (kept && kept.aside) || []; // none in what an older page kept
    this.draft = kept ? kept.draft : crypto.getRandomValues(new Uint32Array(4)).join("").slice(0, 40);
    // A page loaded again shows what another one saved meanwhile: answers that waited come after it.
    this.version = kept ? String(Math.max(kept.version, this.shownVersion())) : this.shownVersion();
    this.sequence = kept ? kept.sequence : 0;
  }

  begin() {
    this.place.addEventListener("submit", (event) => this.answered(event));
    this.place.addEventListener("toggle", (event) => this.reasons(event.target), true);
    window.addEventListener("online", () => this.send());
    window.addEventListener("offline", () => this.told());
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.length) event.preventDefault();
    });
    this.retry.addEventListener("click", () => this.tryAgain());
    this.place.addEventListener("click", (event) => {
      const link = event.target.closest("a[href$='/bilan/']");
      if (!link || (navigator.onLine && !this.queue.length)) return;
      event.preventDefault();
      this.sayHere(this.state.dataset.waitEnd);
    });
    this.abandon.addEventListener("click", () => {
      if (!window.confirm(this.state.dataset.confirm)) return;
      this.forget();
      window.location.reload();
    });
    if (this.aside.length) this.sayAside();
    if (this.queue.length) this.send();
    else this.lookAheadSoon();
  }

  shownVersion() {
    return this.place.querySelector("[data-version]").dataset.version;
  }

  // Written before anything is sent: a page that is reloaded finds what was not sent.
  write() {
    if (!this.queue.length && !this.aside.length) return sessionStorage.removeItem(this.key);
    const { queue, aside, draft, version, sequence } = this;
    sessionStorage.setItem(this.key, JSON.stringify({ queue, aside, draft, version, sequence }));
  }

  forget() {
    this.queue = [];
    this.aside = [];
    this.write();
  }

  // The answers that were set aside are sent once more, after those that wait.
  tryAgain() {
    for (const item of this.aside) this.queue.push({ ...item, sequence: ++this.sequence });
    this.aside = [];
    this.retry.hidden = this.abandon.hidden = true;
    this.write();
    this.send();
  }

  sayAside() {
    const { aside, asideOne } = this.state.dataset;
    this.say(this.aside.length === 1 ? asideOne : aside.replace("{n}", this.aside.length), true);
    this.retry.hidden = this.abandon.hidden = false;
  }

  answered(event) {
    const form = event.target;
    // What changes who answers is never kept for later: the next answers would be another family's.
    if ("plain" in form.dataset) {
      if (navigator.onLine && !this.queue.length) return;
      event.preventDefault();
      return this.sayHere(this.state.dataset.wait);
    }
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    for (const name of ["csrfmiddlewaretoken", "version", "draft", "sequence"]) body.delete(name);
    this.sequence += 1;
    const address = form.getAttribute("action");
    this.aside = this.aside.filter((item) => item.address !== address); // answered again
    this.queue.push({ address, body: body.toString(), sequence: this.sequence });
    this.write();
    this.send();
  }

  async send() {
    if (this.busy) return this.goOn();
    this.busy = true;
    clearTimeout(this.again);
    try {
      while (this.queue.length) {
        const answer = await this.sent(this.queue[0]);
        if (answer === null || answer.status === 503) {
          this.again = setTimeout(() => this.send(), AGAIN_MS);
          this.goOn();
          break;
        }
        if (answer.redirected && new URL(answer.url).pathname.startsWith("/plans/")) {
          // It was closed elsewhere: nothing more can be kept, and nothing stays here.
          this.forget();
          this.say(this.state.dataset.over, true);
          break;
        }
        if (OF_ONE_ANSWER.has(answer.status)) {
          this.aside.push(this.queue.shift());
          this.write();
          this.sayAside();
          continue;
        }
        if (!answer.ok || answer.redirected) {
          this.say(this.counted("refused"), true);
          this.abandon.hidden = false;
          break;
        }
        const html = await answer.text();
        this.version = answer.headers.get("X-Version");
        this.queue.shift();
        this.write();
        this.show(html);
      }
    } finally {
      this.busy = false;
    }
  }

  // Null: no network.
  async sent(item) {
    if (!navigator.onLine) return null;
    const body = new URLSearchParams(item.body);
    body.set("version", this.version);
    body.set("draft", this.draft);
    body.set("sequence", item.sequence);
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const headers = { "X-Part": "1", "X-CSRFToken": token };
    try {
      return await fetch(item.address, { method: "POST", body, headers, signal: AbortSignal.timeout(WAIT_MS) });
    } catch {
      return null;
    }
  }

  show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const part = page.querySelector(".av-talk");
    const isUnread = "errors" in part.dataset;
    if (this.queue.length) {
      this.unread = this.unread || isUnread;
      return this.say(this.counted("sending"), true);
    }
    // Somebody who writes a note meanwhile goes on writing it.
    const isElsewhere = document.activeElement !== document.body && !this.place.contains(document.activeElement);
    this.place.replaceChildren(part);
    for (const one of page.querySelectorAll("[data-for]")) {
      document.getElementById(one.dataset.for).replaceChildren(...one.childNodes);
    }
    history.replaceState(null, "", this.place.dataset.base);
    if (this.unread) this.say(this.state.dataset.unread, true);
    else if (part.dataset.at) this.say(`${this.state.dataset.saved} ${part.dataset.at}`, false);
    else this.say("", false); // the page says what could not be read
    this.unread = false;
    if (this.aside.length) this.sayAside();
    if (!isElsewhere) this.focus();
    this.lookAheadSoon();
  }

  // The network is cut: the next question is one of those that came ahead.
  goOn() {
    this.told();
    const form = this.place.querySelector(".av-question");
    const asked = new Set(this.queue.map((item) => item.address));
    if (!form || !asked.has(form.getAttribute("action"))) return;
    const next = [...this.ahead].find(([address]) => !asked.has(address));
    const found = document.createElement("div");
    found.innerHTML = next ? next[1] : "";
    const heading = document.createElement("h2");
    heading.id = "question";
    heading.tabIndex = -1;
    heading.textContent = this.state.dataset.nothing;
    const theme = this.place.querySelector(".av-theme");
    if (theme) theme.remove();
    for (const old of this.place.querySelectorAll(".av-ask > .av-note, .av-ask > .av-why")) old.remove();
    form.replaceWith(...(next ? found.children : [heading]));
    this.focus();
  }

  told() {
    if (this.queue.length) this.say(this.counted("offline"), true);
  }

  /** The sentence of that name for as many answers as wait: `data-name-one` for a single one. */
  counted(name) {
    const [count, told] = [this.queue.length, this.state.dataset];
    return (count === 1 ? told[`${name}One`] : told[name]).replace("{n}", count);
  }

  say(text, isWarm) {
    this.state.textContent = text;
    this.state.classList.toggle("warm", isWarm);
  }

  // What refuses a gesture is brought into view: the button may be far below.
  sayHere(text) {
    this.say(text, true);
    this.state.scrollIntoView({ block: "center" });
  }

  focus() {
    const heading = this.place.querySelector("#question");
    if (heading) heading.focus();
  }

  // Not at once: the answer that comes next must not wait for it.
  lookAheadSoon() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.lookAhead(), AHEAD_MS);
  }

  // In memory only: the questions that may follow, without any answer that is not on the page already.
  async lookAhead() {
    try {
      const answer = await fetch(this.place.dataset.ahead, { headers: { "X-Part": "1" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.ahead = new Map([...page.querySelectorAll("template")].map((one) => [one.dataset.address, one.innerHTML]));
    } catch {
      // The network is cut: those that came before still serve.
    }
  }

  async reasons(details) {
    if (!details.open || !details.dataset.reasons) return;
    const address = details.dataset.reasons;
    delete details.dataset.reasons;
    try {
      const answer = await fetch(address, { headers: { "X-Part": "1" } });
      if (!answer.ok || answer.redirected) return;
      const found = document.createElement("div");
      found.innerHTML = await answer.text();
      details.querySelector("p").replaceWith(found);
    } catch {
      details.dataset.reasons = address;
    }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("entretien");
  if (place) new Talk(place, document.getElementById("etat")).begin();
});
