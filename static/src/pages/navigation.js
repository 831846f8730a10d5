// Links, history and fragments: a page's address is fetched sealed and its fragment put in place (docs/adr/0006).

import { engine } from "../engine/client.js";
import { fragmentSet } from "../engine/trusted.js";
import { composeStart } from "./compose.js";
import { announce, sentence, timesLocalise } from "./elements.js";
import { enrolShow } from "./enrol.js";
import { listStart } from "./list.js";
import { messageStart } from "./message.js";
import { passwordShow } from "./password.js";
import { sentStart } from "./sent.js";
import { sessionsStart } from "./sessions.js";
import { signInShow } from "./signin.js";

const STARTS = {
  compose: composeStart,
  inbox: listStart,
  message: messageStart,
  outbox: listStart,
  sent: sentStart,
  sessions: sessionsStart,
};
const WHY = {
  idle: "The portal locked itself because nobody used it for a while. Enter your password to go on where you were.",
  asked: "The portal is locked. Enter your password to go on where you were.",
  ended: "Your session has ended. Sign in again to go on where you were.",
  reload: "Your key is kept in this page's memory only, and the page was reloaded. Enter your password to go on where you were.",
  "signed-out": "You are signed out.",
};
const main = document.getElementById("main");
let leave = () => {};
let current = new AbortController();
let shown = ""; // the fragment that stands in the page

// Where a template of the shell is shown instead of a fragment.
export function templateShow(name, title) {
  pageLeave();
  main.replaceChildren(document.getElementById(`page-${name}`).content.cloneNode(true));
  titleSet(title);
  main.querySelector("input:not([readonly])")?.focus();
  return main;
}

// Never words of a user: browsers write titles into their history.
function titleSet(title) {
  document.title = `${title} · Sealpost`;
}

function pageLeave() {
  leave();
  leave = () => {};
  current.abort();
  current = new AbortController();
}

function problemShow(error) {
  const place = templateShow("problem", "Problem");
  place.querySelector("[data-sentence]").textContent = sentence(error);
}

export function barUpdate(me) {
  const ready = Boolean(me) && !me.password_change_due;
  document.getElementById("nav").hidden = !ready;
  document.getElementById("account").hidden = !me;
  document.getElementById("account").open = false;
  document.getElementById("who").textContent = me?.name ?? "";
  document.getElementById("organisation").textContent = me ? `${me.login}, ${me.tenant}` : "";
  for (const link of document.querySelectorAll("#nav a")) {
    if (location.pathname.startsWith(link.getAttribute("href"))) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function signedIn(why) {
  const { signedIn: yes, me } = await engine.status();
  barUpdate(me);
  if (!yes) signInShow(why);
  else if (me.password_change_due) passwordShow(me);
  else return me;
  return null;
}

export async function go(path, { push = true, why } = {}) {
  const url = new URL(path, location.href);
  if (push && url.href !== location.href) history.pushState({}, "", url);
  if (url.pathname === "/enrol") return enrolShow(url.hash);
  const me = await signedIn(why);
  if (!me) return undefined;
  if (url.pathname === "/signin" || url.pathname === "/") return go("/inbox");
  if (url.pathname === "/password") return passwordShow(me);
  return fragmentShow(url);
}

async function fragmentShow(url, { quiet = false, changedOnly = false } = {}) {
  const loading = document.getElementById("loading");
  const slow = setTimeout(() => (loading.hidden = quiet), 150);
  try {
    const { html } = await engine.page(url.pathname + url.search);
    if (location.pathname !== url.pathname || (changedOnly && html === shown)) return;
    pageLeave();
    shown = html;
    fragmentSet(main, html);
    pageStart(quiet);
  } catch (error) {
    const told = error.code === "locked" || error.code === "session_unknown";
    if (!told && !changedOnly) problemShow(error);
  } finally {
    clearTimeout(slow);
    loading.hidden = true;
  }
}

function pageStart(quiet) {
  const page = main.querySelector("[data-page]");
  timesLocalise(main);
  if (!page) return;
  titleSet(page.dataset.title);
  if (!quiet) {
    window.scrollTo(0, 0);
    main.focus({ preventScroll: true });
    announce(page.dataset.title);
  }
  leave = STARTS[page.dataset.page]?.(page, { go, reload, signal: current.signal }) ?? (() => {});
}

// The same page again, without moving the reader; `changedOnly` leaves it alone where nothing new is known.
export const reload = ({ changedOnly = false } = {}) =>
  fragmentShow(new URL(location.href), { quiet: true, changedOnly });

function linkFollow(event) {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.origin !== location.origin || link.hash || link.pathname.startsWith("/operator")) return;
  event.preventDefault();
  go(link.href);
}

function touched() {
  engine.touch().catch(() => null);
}

// The account's menu closes by a click elsewhere and by Escape.
function menuListen(menu) {
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

export function pagesStart() {
  menuListen(document.getElementById("account"));
  document.addEventListener("click", linkFollow);
  document.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("popstate", () => go(location.href, { push: false }));
  let last = 0;
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => {
      if (Date.now() - last > 10_000) touched();
      last = Date.now();
    });
  }
  document.getElementById("lock").addEventListener("click", () => engine.lock());
  document.getElementById("sign-out").addEventListener("click", () => engine.signOut());
  engine.addEventListener("locked", ({ detail }) => {
    barUpdate(null);
    if (location.pathname !== "/enrol") signInShow(WHY[detail]);
  });
  engine.addEventListener("signed-in", () => {
    if (main.querySelector('[data-form="signin"]')) go(location.href, { push: false });
  });
  navigator.serviceWorker?.register("/static/sw.js", { scope: "/" }).catch(() => null);
  const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
  go(location.href, { push: false, why: again ? WHY.reload : undefined });
}
