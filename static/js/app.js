// Small additions on top of working HTML. Every link and form also works without this file.

const root = document.documentElement;
const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

const themeButton = document.querySelector("[data-theme-toggle]");
const themes = document.querySelector("[data-themes]");

function showTheme() {
  themeButton?.setAttribute("aria-pressed", isDark());
  for (const choice of themes?.querySelectorAll("button") ?? []) {
    choice.setAttribute("aria-pressed", choice.dataset.themeChoice === (root.dataset.theme ?? "auto"));
  }
}

function chooseTheme(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try { localStorage.setItem("theme", theme); } catch { /* storage is closed: for this page only */ }
  showTheme();
}

for (const place of [themeButton, themes]) if (place) place.hidden = false;
showTheme();
themeButton?.addEventListener("click", () => chooseTheme(isDark() ? "light" : "dark"));
themes?.addEventListener("click", (event) => {
  const choice = event.target.closest("button");
  if (choice) chooseTheme(choice.dataset.themeChoice);
});

// Keys: "/" search, N book, T today. Physical keys (code), so that they work in the Russian layout too.
// Never while typing, never with a modifier.
const follow = (selector) => document.querySelector(selector)?.click();
const KEYS = {
  Slash: () => document.querySelector(".find input")?.focus(),
  KeyN: () => follow("[data-new]"),
  KeyT: () => follow("[data-today]"),
};
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable], dialog[open]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !Object.hasOwn(KEYS, event.code)) return;
  event.preventDefault();
  KEYS[event.code]();
});

// Buttons that can do nothing without this script are hidden until it is here.
for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

// A form is sent once. Its buttons come back when the browser's Back shows the page again.
const sent = new Set();
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("method") !== "post") return;  // .method may be a field of that name
  // Only after this event: a button that is disabled now would not send its name and value.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    for (const button of event.target.querySelectorAll("button:not([type=button], :disabled)")) {
      button.disabled = true;
      sent.add(button);
    }
  });
});
addEventListener("pageshow", () => {
  sent.forEach((button) => { button.disabled = false; });
  sent.clear();
});
