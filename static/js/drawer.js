// On the board the form opens in a drawer beside it.

const drawer = document.getElementById("drawer");

// What was typed before stays until it is booked.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-book]");
  if (!drawer || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  typeAhead(openDrawer(link));
});

async function openDrawer(link, { anew = false } = {}) {
  const before = anew ? null : drawer.querySelector("form[data-hits]");
  const kept = before && isTyped(before) ? before : null;
  try {
    showForm(await formOf(kept ? fetch(kept.action, { method: "POST", body: atLink(link, kept) }) : fetch(link.href)));
  } catch { location.href = link.href; return; }
  drawer.dataset.link = link.href;
  drawer.querySelector(".kept").hidden = !kept;
}

// What was typed, at the time of the link instead.
function atLink(link, form) {
  const data = new FormData(form), wish = new URL(link.href).searchParams;
  for (const name of ["slot", "day", "vet", "offered"]) data.delete(name);
  for (const name of ["slot", "day", "vet"]) if (wish.has(name)) data.set(name, wish.get(name));
  data.set("intent", "times");
  return data;
}

const isTyped = (form) => Boolean(form.querySelector("[name=pet]:is([type=hidden], :checked)"))
  || [...form.querySelectorAll("[name=q], .newcomer .inp, [name=reason_text], [name=notes]")].some((each) => each.value.trim());

function showForm(form) {
  drawer.replaceChildren(form);
  enhance(form);
  if (!drawer.open) drawer.showModal();
  (form.querySelector("[autofocus]") ?? form.querySelector("[name=reason]:checked, [name=slot]:checked"))?.focus();
  showTime(form);
}

drawer?.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) { event.preventDefault(); drawer.close(); }
  if (event.target.closest("[data-start-over]")) typeAhead(openDrawer({ href: drawer.dataset.link }, { anew: true }));
});

// Where the visit will stand, as a dashed tile.
document.addEventListener("timechosen", (event) => ghost(event.detail, event.target));
document.addEventListener("htmx:afterSwap", () => { if (drawer?.open) showTime(drawer.querySelector("form")); });
drawer?.addEventListener("close", () => ghost(""));
function ghost(value, form) {
  document.querySelector(".lane .ghost")?.closest("li").remove();
  const [, vet, day, hour, minute] = value.match(/^(\d+)@(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)/) ?? [];
  const lane = drawer?.open && vet && document.querySelector(`.lane[data-vet="${vet}"][data-day="${day}"] .slots`);
  if (!lane) return;
  const minutes = Math.min(480, Math.ceil(form.querySelector("#times").dataset.minutes / 5) * 5), tile = document.createElement("li");
  tile.className = `t${hour}${String(Math.floor(minute / 5) * 5).padStart(2, "0")} d${minutes}`;
  tile.setAttribute("aria-hidden", "true");
  tile.innerHTML = '<div class="ev ghost"><b><span></span><time></time></b></div>';
  tile.querySelector("span").textContent = form.querySelector("[name=pet_name]")?.value || (form.querySelector(".who b")?.textContent ?? "");
  tile.querySelector("time").textContent = `${hour}:${minute}`;
  lane.append(tile);
  tile.scrollIntoView({ block: "center", inline: "nearest" });
}
