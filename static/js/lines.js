// Lines of the bill: steppers beside quantities, and what is changed is saved while the vet goes on elsewhere on the page.
// Without this file the button under the lines saves them, as every button of the page does.

const bill = document.getElementById("bill");
const form = bill.closest("form");
const icons = bill.querySelector("svg use").getAttribute("href").split("#")[0];
const AFTER_MS = 700, AGAIN_MS = 2000;
let waiting = 0, sending = false, left = false;

const lines = () => document.getElementById("lines");
const cells = () => [...lines().querySelectorAll("input")];

function stepper(input, sign, step, icon) {
  const node = Object.assign(document.createElement("button"), { type: "button", id: `${input.id}_${icon}` });
  node.setAttribute("aria-label", `${sign} ${input.getAttribute("aria-label") ?? input.labels[0]?.textContent ?? ""}`);
  node.innerHTML = `<svg class="i s" aria-hidden="true"><use href="${icons}#${icon}"/></svg>`;
  node.addEventListener("click", () => {
    const value = Number(input.value.replace(",", ".")) || 0;
    if (value + step <= 0) return;
    const next = String(Math.round((value + step) * 1000) / 1000);
    input.value = document.documentElement.lang === "ru" ? next.replace(".", ",") : next;
    for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
  });
  return node;
}

function addSteppers(inputs) {
  for (const input of inputs) {
    const cell = input.closest(".qty") ?? Object.assign(document.createElement("span"), { className: "qty tall" });
    if (!input.closest(".qty")) { input.before(cell); cell.append(input); }
    cell.prepend(stepper(input, "\u2212", -1, "minus"));
    cell.append(stepper(input, "+", 1, "plus"));
  }
}
const addToLines = () => addSteppers(lines().querySelectorAll("[name^=quantity_]"));

const wait = (ms) => { clearTimeout(waiting); waiting = setTimeout(save, ms); };

// The lines alone go to the server, and its answer takes their place. Nobody is torn from where they type.
async function save() {
  if (left) return;
  if (sending) { wait(AFTER_MS); return; }
  sending = true;
  const sent = new Map(cells().map((cell) => [cell.name, cell.value]));
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const [name, value] of sent) body.append(name, value);
  try {
    const answer = await fetch(bill.dataset.lines, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!left) page.getElementById("lines") ? show(page, sent) : wait(AGAIN_MS);
  } catch { if (!left) wait(AGAIN_MS); }
  sending = false;
}

function show(page, sent) {
  const later = cells().filter((cell) => cell.type !== "hidden" && cell.value !== sent.get(cell.name));
  const held = lines().contains(document.activeElement) ? document.activeElement : null;
  const place = held?.matches("input") ? [held.selectionStart, held.selectionEnd] : null;
  for (const id of ["lines", "sums"]) document.getElementById(id).replaceWith(page.getElementById(id));
  if (page.querySelector(".toast")) document.querySelector(".toasts").replaceWith(page.querySelector(".toasts"));
  addToLines();
  for (const { id, value } of later) {  // typed while the answer was on its way
    const cell = document.getElementById(id);
    if (cell) cell.value = value;
  }
  const again = held && document.getElementById(held.id);
  again?.focus({ preventScroll: true });
  if (again && place) again.setSelectionRange(...place);
  form.dispatchEvent(new Event("input"));  // what is saved leaves the draft
  if (!later.length) return;
  if (again?.matches("input")) again.addEventListener("blur", () => wait(AFTER_MS), { once: true });
  else wait(AFTER_MS);
}

addSteppers([document.getElementById("id_quantity")]);
addToLines();
bill.addEventListener("change", (event) => { if (/^(quantity|percent)_\d+$/.test(event.target.name)) wait(AFTER_MS); });
// The form itself goes: it has the lines with it.
form.addEventListener("submit", (event) => { left = !event.defaultPrevented; });
addEventListener("pageshow", () => { left = false; });
