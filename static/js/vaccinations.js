// A chosen vaccine presets the day until which a dose of today protects. Without this file an empty day means the same.

const kind = document.getElementById("id_dose-kind");
const until = document.getElementById("id_dose-valid_until");
let preset = "";

kind?.addEventListener("change", () => {
  if (until.value && until.value !== preset) return;  // typed by hand: it stays
  preset = kind.selectedOptions[0].dataset.until ?? "";
  until.value = preset;
});
