// The price list by three letters: the page's own <select> becomes a field to type into, with its list below.
// Arrows choose, Enter adds. Without this file the select, the quantity and the button do the same.

const select = document.getElementById("id_service");
const MOST = 12;
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё";
const swap = new Map([...LATIN].flatMap((key, place) => [[key, CYRILLIC[place]], [CYRILLIC[place], key]]));

const fold = (text) => text.toLowerCase().replaceAll("ё", "е").trim();
// What was meant, typed in the other layout: "ghbdbdrf" is "прививка".
const otherLayout = (text) => fold([...text.toLowerCase()].map((key) => swap.get(key) ?? key).join(""));

// Every word that was typed begins a word of the name or stands in the code; names that begin with it come first.
function rank(entry, words) {
  let best = 0;
  for (const word of words) {
    if (entry.text.startsWith(word)) continue;
    if (entry.text.includes(` ${word}`)) best = Math.max(best, 1);
    else if (entry.code.includes(word) || entry.text.includes(word)) best = Math.max(best, 2);
    else return -1;
  }
  return best;
}

function find(entries, typed) {
  for (const text of [fold(typed), otherLayout(typed)]) {
    const words = text.split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const hits = entries.map((entry) => [rank(entry, words), entry]).filter(([place]) => place >= 0);
    if (hits.length) return hits.sort((a, b) => a[0] - b[0]).slice(0, MOST).map(([, entry]) => entry);
  }
  return [];
}

if (select) {
  const entries = [...select.options].filter((option) => option.value).map((option) => {
    const [name, price] = option.text.split(" — ");
    return { option, text: fold(name), code: fold(option.dataset.code), name, price };
  });
  const box = document.createElement("div"), list = document.createElement("ul");
  const input = Object.assign(document.createElement("input"), {
    type: "text", className: "inp", id: "find_service", autocomplete: "off", spellcheck: false,
    value: select.value ? select.selectedOptions[0].text : "",
  });
  const add = document.querySelector("[data-add]");
  const what = document.querySelector("label[for=id_service]");
  let shown = [], active = -1;

  box.className = "pickbox";
  list.className = "prices";
  list.id = "found_services";
  list.hidden = true;
  for (const [node, attributes] of [
    [input, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id }],
    [list, { role: "listbox", "aria-label": what.textContent }],
  ]) for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  what.htmlFor = input.id;
  select.before(box);
  box.append(input, list);
  select.hidden = true;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    active = place;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", n === place));
    list.children[place]?.scrollIntoView({ block: "nearest" });
    if (place >= 0) input.setAttribute("aria-activedescendant", list.children[place].id);
    else input.removeAttribute("aria-activedescendant");
  };
  const choose = (entry) => {
    select.value = entry.option.value;
    input.value = `${entry.name} — ${entry.price}`;
    close();
  };
  const show = () => {
    shown = find(entries, input.value);
    list.replaceChildren(...shown.map((entry, n) => {
      const item = document.createElement("li"), name = document.createElement("b"), price = document.createElement("span");
      item.id = `price_${n}`;
      item.setAttribute("role", "option");
      name.textContent = entry.name;
      price.textContent = entry.price;
      item.append(name, price);
      item.addEventListener("mousedown", (event) => event.preventDefault());  // the field keeps the focus
      item.addEventListener("click", () => { choose(entry); document.getElementById("id_quantity").select(); });
      return item;
    }));
    list.hidden = !shown.length;
    input.setAttribute("aria-expanded", Boolean(shown.length));
    mark(shown.length ? 0 : -1);
  };

  input.addEventListener("input", () => { select.value = ""; show(); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) show();
      else mark((active + step + shown.length) % shown.length);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active >= 0) choose(shown[active]);
      if (select.value) add.form.requestSubmit(add);
    }
  });
  // After adding, the page stands at the bill: the next service is typed at once.
  // (Going to the fragment takes the focus away, so that this waits for it.)
  if (location.hash === "#bill") addEventListener("load", () => setTimeout(() => input.focus({ preventScroll: true })));
}
