// Booking gets quicker with this file; without it the same form works by itself.

// On the board a free time opens the form in a drawer beside it.
const drawer = document.getElementById("drawer");
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-book]");
  if (!drawer || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
    const form = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("booking");
    if (!answer.ok || !form) throw new Error(answer.status);
    drawer.replaceChildren(form);
    enhance(form);
    warnOfDuplicates(form);
    drawer.showModal();
    (form.querySelector("[autofocus]") || form.querySelector("[name=reason]:checked"))?.focus();
  } catch { location.href = link.href; }
});
drawer?.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) { event.preventDefault(); drawer.close(); }
});

// Enter takes the first that is found. Nobody found: what was typed begins the new owner's phone or name.
function take(form, text, hits) {
  if (hits.length) hits[0].checked = true;
  const field = form.querySelector(/\d/.test(text) ? "[name=phone]" : "[name=last_name]");
  if (!hits.length && field && text.trim()) field.value ||= text.trim();
  const empty = [...form.querySelectorAll(".newcomer .inp")].find((input) => !input.value);
  (hits.length ? form.querySelector("[name=reason]:checked") : empty)?.focus();
}

// Names and times come while one types: the server answers with the same parts that it renders anyway.
function enhance(form) {
  let waiting, latest = 0;
  const search = form.querySelector("[name=q]");
  search?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++latest;
      const answer = await fetch(`${form.dataset.hits}?q=${encodeURIComponent(search.value)}`);
      const html = await answer.text();
      if (answer.ok && mine === latest) form.querySelector("#hits").innerHTML = html;
    }, 150);
  });
  search?.addEventListener("keydown", (event) => {
    const hits = [...form.querySelectorAll("#hits [name=pet]")];
    if (event.key === "ArrowDown" && hits.length) { event.preventDefault(); hits[0].focus(); hits[0].checked = true; }
    if (event.key === "Enter") { event.preventDefault(); take(form, search.value, hits); }
  });
  form.addEventListener("change", async (event) => {
    if (!event.target.matches("[name=reason], [name=minutes], [name=day], [name=vet]")) return;
    const data = new FormData(form);
    data.set("intent", "times");
    const answer = await fetch(form.action, { method: "POST", body: data });
    const times = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("times");
    if (answer.ok && times) form.querySelector("#times").replaceWith(times);
  });
}

// Who is perhaps known already, while a newcomer's phone and names are typed.
function warnOfDuplicates(form) {
  const box = form.querySelector("#likely"), fields = ["phone", "last_name", "first_name", "pet_name"];
  let waiting, latest = 0;
  if (!box) return;
  form.addEventListener("input", (event) => {
    if (!fields.includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++latest;
      const typed = new URLSearchParams(fields.map((name) => [name, form.elements[name]?.value ?? ""]));
      try {
        const answer = await fetch(`${form.dataset.likely}?${typed}`);
        const html = await answer.text();
        if (answer.ok && mine === latest) box.innerHTML = html;
      } catch { /* the form books without the hint */ }
    }, 250);
  });
}
const page = document.getElementById("booking");
if (page) { enhance(page); warnOfDuplicates(page); }
