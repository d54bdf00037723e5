// Booking and moving get quicker with this file; without it the same forms work by themselves.

async function formOf(asked) {
  const answer = await asked;
  const form = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("booking");
  if (!form || (!answer.ok && answer.status !== 409)) throw new Error(answer.status);
  return form;
}

// The server renders the whole form again for what is typed; the parts that have changed take their places here.
const PARTS = { times: "times", search: "who", change: "who", pick: "who" };
function enhance(form) {
  let busy = null, latest = 0;

  const renew = async (intent) => {
    const mine = ++latest, data = new FormData(form), part = PARTS[intent];
    data.set("intent", intent);
    const fresh = (await formOf(fetch(form.action, { method: "POST", body: data }))).querySelector(`#${part}`);
    if (mine === latest || part === "who") form.querySelector(`#${part}`).replaceWith(fresh);
    showTime(form);
  };
  // A form that is sent while its times are asked for is sent when they are there.
  const renewTimes = () => {
    const mine = renew("times").catch(() => {}).then(() => { if (busy === mine) busy = null; });
    busy = mine;
  };
  // Who was found or is new takes the place of the search, and the next thing to say is at hand.
  const renewWho = async (intent) => {
    try { await renew(intent); } catch { /* the radio button is enough */ }
    const empty = [...form.querySelectorAll(".newcomer .inp")].find((input) => !input.value && input.checkVisibility());
    (form.querySelector("[autofocus]") ?? empty ?? form.querySelector("[name=reason]:checked"))?.focus();
  };
  const pick = (radio) => { radio.checked = true; return renewWho("pick"); };

  form.addEventListener("submit", (event) => {
    const intent = event.submitter?.value;
    if (busy) { event.preventDefault(); busy.then(() => form.requestSubmit(event.submitter)); }
    else if (PARTS[intent]) { event.preventDefault(); intent === "times" ? renewTimes() : typeAhead(renewWho(intent)); }
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[name=reason], [name=minutes], [name=day], [name=vet]")) renewTimes();
    else if (event.target.matches("[name=slot], [name=pet_name], [name^=squeeze_]")) showTime(form);
  });
  form.addEventListener("click", (event) => {
    if (event.target.matches("[name=pet][type=radio]") && event.detail) typeAhead(pick(event.target));  // not an arrow key
  });
  form.addEventListener("keydown", (event) => {
    const hits = [...form.querySelectorAll("#hits [name=pet]")], at = event.target;
    if (at.name === "q" && event.key === "ArrowDown" && hits.length) {
      event.preventDefault();
      const next = hits[1] ?? hits[0];  // the first one is marked already
      next.checked = true;
      next.focus();
    }
    if (at.name === "q" && event.key === "Enter") { event.preventDefault(); typeAhead(hitsOf(form).then((hit) => hit && pick(hit))); }
    if (at.name === "pet" && event.key === "Enter") { event.preventDefault(); typeAhead(pick(at)); }
    if (at.name === "species" && chooseByLetter(form, at, event.key)) event.preventDefault();
  });
  searchWhileTyping(form);
  warnOfDuplicates(form);
}

// The hits come while one types. Enter takes the first one of exactly the text that stands there.
function searchWhileTyping(form) {
  let waiting;
  form.addEventListener("input", (event) => {
    if (event.target.name !== "q") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => hitsOf(form), 150);
  });
}
async function hitsOf(form) {
  const search = form.querySelector("[name=q]"), box = form.querySelector("#hits"), text = search.value;
  if (!box) return null;  // somebody was taken meanwhile
  if (box.dataset.of !== text) {
    const answer = await fetch(`${form.dataset.hits}?q=${encodeURIComponent(text)}`).catch(() => null);
    const html = answer?.ok && !answer.redirected ? await answer.text() : null;
    if (html !== null && text === search.value) { box.innerHTML = html; box.dataset.of = text; }
  }
  if (box.dataset.of !== text) return null;  // no answer: what is shown matches another text
  return box.querySelector("[name=pet]:checked") ?? box.querySelector("[name=pet]");
}

// As in a list of choices: a letter leads to the next one that begins with it.
function chooseByLetter(form, at, key) {
  if (key.length !== 1 || key === " ") return false;
  const all = [...form.querySelectorAll("[name=species]")], here = all.indexOf(at);
  const found = [...all.slice(here + (at.checked ? 1 : 0)), ...all].find(
    (each) => each.labels[0].textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
  if (!found) return false;
  found.checked = true;
  found.focus();
  return true;
}

// Day, time and vet stand in the form's head. A time that is squeezed in takes the place of a free one.
function showTime(form) {
  const squeezed = form.querySelector("[name=squeeze_at]").value, slot = form.querySelector("[name=slot]:checked");
  if (squeezed && slot) slot.checked = false;
  const label = squeezed ? squeezeOf(form, squeezed) : slot?.closest("label").dataset;
  for (const name of ["when", "whom"]) {
    const place = form.querySelector(`.dh [data-${name}]`);
    if (place) place.textContent = label?.[name] || place.dataset.usual;
  }
  form.dispatchEvent(new CustomEvent("timechosen", { bubbles: true, detail: squeezed ? "" : slot?.value ?? "" }));
}
const squeezeOf = (form, when) => {
  const day = form.querySelector("[name=day]").valueAsDate, vet = form.querySelector("[name=vet]").selectedOptions[0].text;
  const words = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" };
  return { when, whom: day ? `${vet} · ${day.toLocaleDateString(root.lang, words)}` : vet };
};

// Who is perhaps known already, while a newcomer's phone and names are typed.
function warnOfDuplicates(form) {
  const fields = ["phone", "last_name", "first_name", "pet_name"];
  let waiting, latest = 0;
  form.addEventListener("input", (event) => {
    if (!fields.includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++latest, box = form.querySelector("#likely");
      const typed = new URLSearchParams(fields.map((name) => [name, form.elements[name]?.value ?? ""]));
      try {
        const answer = await fetch(`${form.dataset.likely}?${typed}`);
        const html = await answer.text();
        if (answer.ok && !answer.redirected && mine === latest && box) box.innerHTML = html;
      } catch { /* the form books without the hint */ }
    }, 250);
  });
}
const page = document.getElementById("booking");
if (page) { enhance(page); showTime(page); }
