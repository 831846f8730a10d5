// Links, history and fragments: a page's address is fetched sealed and its fragment put in place (docs/adr/0006).

import { engine } from "../engine/client.js";
import { fragmentSet } from "../engine/trusted.js";
import { accountStart } from "./account.js";
import { actionsStart, tabMark } from "./actions.js";
import { auditStart } from "./audit.js";
import { composeStart } from "./compose.js";
import { announce, find, say, sentence, timesLocalise } from "./elements.js";
import { depositStart, requestAsk } from "./deposit.js";
import { enrolShow } from "./enrol.js";
import { listStart } from "./list.js";
import { messageStart } from "./message.js";
import { notificationsStart } from "./notifications.js";
import { partnersStart } from "./partners.js";
import { policyStart } from "./policy.js";
import { passwordShow } from "./password.js";
import { requestsStart } from "./requests.js";
import { savingNow } from "./saving.js";
import { secondFactorShow } from "./second_factor.js";
import { sentStart } from "./sent.js";
import { sessionsStart } from "./sessions.js";
import { signInShow } from "./signin.js";
import { teamStart } from "./team.js";

const STARTS = {
  account: accountStart,
  audit: auditStart,
  compose: composeStart,
  group: actionsStart,
  groups: actionsStart,
  deposit: depositStart,
  "file-request": actionsStart,
  holds: actionsStart,
  inbox: listStart,
  mailbox: actionsStart,
  mailboxes: actionsStart,
  message: messageStart,
  notifications: notificationsStart,
  outbox: listStart,
  partners: partnersStart,
  policy: policyStart,
  person: teamStart,
  requests: requestsStart,
  sent: sentStart,
  usage: tabMark,
  sessions: sessionsStart,
  team: teamStart,
};
const WHY = {
  idle: "The portal locked itself because nobody used it for a while. Enter your password to go on where you were.",
  asked: "The portal is locked. Enter your password to go on where you were.",
  ended: "Your session has ended. Sign in again to go on where you were.",
  reload: "Your key is kept in this page's memory only, and the page was reloaded. Enter your password to go on where you were.",
  "signed-out": "You are signed out.",
  untold:
    "You are signed out and your keys are gone from here, but the server could not be told: " +
    "your session there ends by itself within 12 hours of its start.",
};
const HOMES = { auditor: "/audit", depositor: "/request" }; // where somebody of this role begins
const TOUCH_MILLISECONDS = 2_000;
const main = document.getElementById("main");
const STILL = "Documents are still being sent. Leave this page and stop?";
let leave = () => {};
let busy = () => false; // whether leaving the page would stop something
let current = new AbortController();
let shown = ""; // the fragment that stands in the page
let place = location.href; // and the address that it stands for
let login = ""; // whose session was here last, so that a locked page asks for the password alone

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
  [leave, busy] = [() => {}, () => false];
  current.abort();
  current = new AbortController();
}

function problemShow(error) {
  const problem = templateShow("problem", "Problem");
  find(problem, "sentence").textContent = sentence(error);
  find(problem, "again").addEventListener("click", () => go(location.href, { push: false }));
  announce(sentence(error));
}

export function barUpdate(me) {
  const ready = Boolean(me) && !me.password_change_due && !me.second_factor.due;
  document.getElementById("nav").hidden = !ready;
  document.getElementById("account").hidden = !me;
  document.getElementById("account").open = false;
  document.getElementById("who").textContent = me?.name ?? "";
  for (const link of document.querySelectorAll("[data-roles]")) {
    link.hidden = !link.dataset.roles.split(" ").includes(me?.role);
  }
  document.getElementById("organisation").textContent = me ? `${me.login}, ${me.role === "guest" ? "guest" : me.tenant}` : "";
  for (const link of document.querySelectorAll("#nav a")) {
    if (location.pathname.startsWith(link.getAttribute("href"))) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function signedIn(why) {
  const { signedIn: yes, me } = await engine.status();
  barUpdate(me);
  login = me?.login ?? login;
  if (!yes) signInShow(why, login);
  else if (me.password_change_due) passwordShow(me);
  else if (me.second_factor.due) secondFactorShow(me);
  else return me;
  return null;
}

export async function go(path, { push = true, why } = {}) {
  const url = new URL(path, location.href);
  if (push && url.href !== location.href) history.pushState({}, "", url);
  place = url.href;
  if (url.pathname === "/enrol") return enrolShow(url.hash);
  if (url.pathname === "/request") {
    const status = await engine.status();
    barUpdate(status.me);
    return requestAsk(url.hash, status, why) || fragmentShow(url);
  }
  const me = await signedIn(why);
  if (!me) return undefined;
  if (url.pathname === "/signin" || url.pathname === "/") {
    history.replaceState({}, "", HOMES[me.role] ?? "/inbox"); // back does not lead here again
    return go(location.href, { push: false });
  }
  if (me.role === "depositor") return go("/request");
  if (url.pathname === "/signin" || url.pathname === "/") return go(HOMES[me.role] ?? "/inbox");
  if (url.pathname === "/password") return passwordShow(me);
  if (url.pathname === "/second-factor") return secondFactorShow(me);
  return fragmentShow(url);
}

async function fragmentShow(url, { quiet = false, changedOnly = false, unless = () => false } = {}) {
  const loading = document.getElementById("loading");
  const slow = setTimeout(() => (loading.hidden = quiet), 150);
  try {
    const { html } = await engine.page(url.pathname + url.search);
    if (location.pathname !== url.pathname || (changedOnly && html === shown) || unless()) return;
    pageLeave();
    shown = html;
    const focused = quiet ? focusKey(document.activeElement) : "";
    fragmentSet(main, html);
    pageStart(quiet);
    if (focused) [...main.querySelectorAll("a, button")].find((one) => focusKey(one) === focused)?.focus();
  } catch (error) {
    if (error.code === "second_factor_due") return factorAsk(); // set up elsewhere since, or required since
    const told = ["locked", "session_unknown", "aborted"].includes(error.code);
    if (!told && !changedOnly) problemShow(error);
  } finally {
    clearTimeout(slow);
    loading.hidden = true;
  }
}

async function factorAsk() {
  await engine.refresh();
  go(location.href, { push: false });
}

// What tells a control of a page apart from its others, before and after the page is put in place again.
function focusKey(control) {
  if (!main.contains(control) || control === main) return "";
  return `${control.closest("[data-document], [data-session]")?.outerHTML.slice(0, 120)} ${control.textContent} ${control.href}`;
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
  const busySet = (asked) => (busy = asked);
  leave = STARTS[page.dataset.page]?.(page, { go, reload, busySet, signal: current.signal }) ?? (() => {});
}

// The same page again, without moving the reader; `changedOnly` leaves it alone where nothing new is known,
// `unless` where the reader has begun something meanwhile.
export const reload = ({ changedOnly = false, unless } = {}) =>
  fragmentShow(new URL(location.href), { quiet: true, changedOnly, unless });

function linkFollow(event) {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link?.matches(".skip")) {
    event.preventDefault(); // an address with another fragment would be another page
    main.focus();
  }
  if (!link || !plain || link.origin !== location.origin || link.hash || link.pathname.startsWith("/operator")) return;
  event.preventDefault();
  go(link.href);
}

// Back and forward; asked about first where they would stop something.
function historyFollow() {
  if (busy() && !window.confirm(STILL)) history.pushState({}, "", place);
  else go(location.href, { push: false });
}

// The engine locks itself unless it hears that somebody is there.
function touchListen() {
  let last = 0;
  const touched = () => {
    if (Date.now() - last < TOUCH_MILLISECONDS) return;
    last = Date.now();
    engine.touch().catch(() => null);
  };
  for (const kind of ["pointerdown", "keydown", "wheel"]) document.addEventListener(kind, touched, { passive: true });
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
  window.addEventListener("popstate", historyFollow);
  window.addEventListener("beforeunload", (event) => (busy() || savingNow()) && event.preventDefault());
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => event.preventDefault()); // a file dropped beside its place would replace the page
  }
  touchListen();
  document.getElementById("lock").addEventListener("click", () => engine.lock());
  document.getElementById("sign-out").addEventListener("click", () => engine.signOut());
  engine.addEventListener("locked", ({ detail }) => {
    barUpdate(null);
    if (detail === "signed-out") login = "";
    if (location.pathname === "/request") requestAsk(location.hash, { signedIn: false }, WHY[detail]);
    else if (location.pathname !== "/enrol") signInShow(WHY[detail], login);
  });
  engine.addEventListener("untold", () => {
    const why = main.querySelector("[data-why]");
    if (why) say(why, WHY.untold);
    announce(WHY.untold);
  });
  engine.addEventListener("signed-in", () => {
    if (main.querySelector('[data-form="signin"]')) go(location.href, { push: false });
  });
  navigator.serviceWorker?.register("/static/sw.js", { scope: "/" }).catch(() => null);
  const again = performance.getEntriesByType("navigation")[0]?.type === "reload";
  go(location.href, { push: false, why: again ? WHY.reload : undefined });
}
