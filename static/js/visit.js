// The visit's form keeps what is typed as a draft on the server, and offered texts fill in at once.
// Without this file every button of the form saves, and an offered text is a button like the others.

const form = document.querySelector("form[data-draft]");
const line = document.getElementById("kept");
const EVERY_MS = 1000;  // the first of a burst of keys is kept after a second, however long the burst
const AGAIN_MS = 2000;
let waiting = 0, changed = false, sending = null, sent = false, signedOut = false;

const say = (text, bad) => {
  if (text ? line.textContent !== text : line.classList.contains("bad")) line.textContent = text;
  line.classList.toggle("bad", bad);
};

const wait = (ms) => { waiting ||= setTimeout(keep, ms); };

async function keep() {
  waiting = 0;
  if (sent || sending || !changed) return;
  changed = false;
  sending = new AbortController();
  const [text, bad, refused] = await post({ signal: sending.signal });
  sending = null;
  if (sent) return;
  if (bad && !refused) changed = true;
  say(text, bad);
  if (changed) wait(bad ? AGAIN_MS : EVERY_MS);
}

const isOut = (answer) => answer.redirected || answer.status === 401;

// What the status line is to say, and whether the text still waits to be kept.
async function post(options) {
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form), ...options });
    signedOut = isOut(answer);
    if (signedOut || (answer.status === 403 && !await renewToken())) return [form.dataset.out, true];
    const said = answer.headers.get("Content-Type")?.startsWith("text/plain");
    if (said) return [await answer.text(), !answer.ok, answer.status === 422];
    if (answer.status === 503) return [form.dataset.closed, true];
    return answer.status === 204 ? ["", false] : [form.dataset.away, true];
  } catch { return sent ? ["", false] : [form.dataset.away, true]; }
}

// Signing in again, in another tab, changes the token that forms carry: take the one of a fresh page.
async function renewToken() {
  const answer = await fetch(location.pathname);
  signedOut = isOut(answer);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("form[data-draft] [name=csrfmiddlewaretoken]")?.value;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) if (token) field.value = token;
  return Boolean(token);
}

form.addEventListener("input", () => { changed = true; wait(EVERY_MS); });

// The page is left or covered: what is typed goes now; the browser finishes the request without the page.
const leave = () => {
  if (sent || !(changed || sending)) return;
  changed = false;
  fetch(form.dataset.draft, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => { changed = true; wait(AGAIN_MS); });
};
document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
addEventListener("pagehide", leave);

// The form itself goes: its text is saved by that. Signed out, the text stays here until somebody is signed in.
form.addEventListener("submit", (event) => {
  if (signedOut) { event.preventDefault(); changed = true; say(form.dataset.out, true); keep(); return; }
  sent = true;
  sending?.abort();
});
addEventListener("pageshow", () => { sent = false; });

// An offered text: into empty fields, and under what is typed in prescription and notes (records/filling.py).
const APPENDED = ["prescription", "notes"];
form.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-fill], [data-earlier]");
  if (!chip) return;
  event.preventDefault();
  const offered = chip.dataset.fill ? JSON.parse(chip.dataset.fill) : { diagnosis: chip.value };
  for (const [name, text] of Object.entries(offered)) {
    const field = form.querySelector(`textarea[name=${name}]`);
    if (!field || !text) continue;
    if (!field.value.trim()) field.value = text;
    else if (APPENDED.includes(name) && !field.value.includes(text)) field.value = `${field.value.trimEnd()}\n${text}`;
  }
  form.querySelector(`textarea[name=${chip.dataset.fill ? "prescription" : "diagnosis"}]`)?.focus();
  form.dispatchEvent(new Event("input"));
});

if ("unsaved" in form.dataset) { changed = true; wait(0); }
