// The board keeps itself fresh, and visits can be dragged. Without this file it is a page like any other.

const EVERY_MS = 15000;
const live = () => document.getElementById("live");

// Asked every quarter of a minute while somebody looks; unchanged it costs nothing (304).
const look = () => {
  if (!document.hidden && live() && !document.querySelector(".dragged")) htmx.trigger(live(), "look");
};
setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "live") event.detail.headers["If-None-Match"] = live().dataset.etag;
});
let focused, scrolled;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "live") return;
  event.detail.shouldSwap = event.detail.xhr.status === 200 && !document.querySelector(".dragged");
  if (!event.detail.shouldSwap) return;
  const at = live().contains(document.activeElement) ? document.activeElement : null;
  focused = at && { id: at.closest("[id]").id, href: at.getAttribute("href") };
  const board = live().querySelector(".board");
  scrolled = board && [board.scrollLeft, board.scrollTop];
});
document.addEventListener("htmx:afterSwap", () => {
  const board = live()?.querySelector(".board");
  if (board && scrolled) [board.scrollLeft, board.scrollTop] = scrolled;
  if (!focused) return;
  const place = document.getElementById(focused.id);
  const link = [...live().querySelectorAll("a")].find((each) => each.getAttribute("href") === focused.href);
  (link || place?.querySelector("a") || place)?.focus({ preventScroll: true });
  focused = null;
});

// No answer, or none in time: the board stays, and says from when it is. An answer, changed or not, says so too.
const say = (event, away) => {
  const status = event.target.id === "live" && document.getElementById("as-of");
  if (!status) return;
  status.dataset.time ??= status.textContent;
  const known = status.textContent.match(/\d\d:\d\d/)?.[0] ?? "";
  status.classList.toggle("away", away);
  if (away) status.textContent = `${status.dataset.away} ${known}`;
  else status.textContent = status.dataset.time.replace(/\d\d:\d\d/, clock(event.detail.xhr));
};
// The server's time on the branch's clock: this computer's may be wrong, or in another city.
const clock = (answer) => new Date(answer.getResponseHeader("Date")).toLocaleTimeString("en-GB", {
  timeZone: live().dataset.zone, hour: "2-digit", minute: "2-digit",
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, (event) => say(event, true));
document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr?.status;
  if (status === 304) say(event, false);
  else if (status >= 500) say(event, true);
  else if (status === 403 || event.detail.xhr?.responseURL.includes("/login/")) location.reload();
});

// Dragging a visit: to a time of a lane, in steps of five minutes. The server has the last word.
const STEP = 5;
document.addEventListener("dragstart", (event) => {
  const tile = event.target.closest?.("[data-minutes]");
  if (!tile) return;
  tile.classList.add("dragged");
  event.dataTransfer.setData("text/plain", tile.id);
  event.dataTransfer.setDragImage(tile, 8, 8);
});
document.addEventListener("dragend", () => document.querySelector(".dragged")?.classList.remove("dragged"));
const lane = (event) => document.querySelector(".dragged") && event.target.closest?.(".lane .slots");
document.addEventListener("dragover", (event) => { if (lane(event)) event.preventDefault(); });
document.addEventListener("drop", async (event) => {
  const slots = lane(event), tile = document.querySelector(".dragged");
  if (!slots) return;
  event.preventDefault();
  const { vet, day } = slots.closest(".lane").dataset;
  const board = slots.closest(".board"), style = getComputedStyle(board);
  const rows = (event.clientY - 8 - slots.getBoundingClientRect().top) / (slots.offsetHeight / style.getPropertyValue("--slots"));
  const minute = Math.max(0, Math.round(rows) + Number(style.getPropertyValue("--open"))) * STEP;
  const time = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  if (tile.closest(".slots") === slots && tile.querySelector("time").textContent === time) return;  // it is there already
  const data = new FormData();
  data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  data.set("request_key", crypto.randomUUID());
  data.set("minutes", tile.dataset.minutes);
  data.set("slot", `${vet}@${day}T${time}`);  // as written: what a clock change makes of it is known to the server
  await moved(live().dataset.move.replace("/0/", `/${tile.id.replace("visit-", "")}/`), data);
});

// Moved: the board comes back with its Undo. Refused: the form opens with the reason and other times.
async function moved(address, data) {
  const answer = await fetch(address, { method: "POST", body: data, headers: { "HX-Request": "true" } }).catch(() => null);
  const next = answer?.headers.get("HX-Redirect");
  if (next) {
    const stays = new URL(next, location).href.split("#")[0] === location.href.split("#")[0];
    location.assign(next);
    if (stays) location.reload();
    return;
  }
  const form = answer && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("booking");
  if (!form || !drawer) { location.href = `${address}?slot=${encodeURIComponent(data.get("slot"))}`; return; }
  showForm(form);
}
