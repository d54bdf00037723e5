// What is typed while an answer is on its way is kept, and typed into what it brings: nobody waits for a computer
// with the phone in the other hand.

const typeAhead = (() => {
  const keys = [], EDITING = ["Enter", "Tab", "Backspace"];
  let awaited = 0;

  addEventListener("keydown", (event) => {
    if (!awaited || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key.length > 1 && !EDITING.includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keys.push({ key: event.key, code: event.code, shiftKey: event.shiftKey });
  }, true);

  // Where Tab leads within a form: of each group of radio buttons to one.
  const step = (at, by) => {
    const places = [...(at.form?.elements ?? [])].filter((each) => each === at || (each.tabIndex >= 0 && each.checkVisibility()
      && !each.disabled && !(each.type === "radio" && (document.querySelector(`[name=${each.name}]:checked`) ?? each) !== each)));
    places[places.indexOf(at) + by]?.focus();
  };

  const write = (at, text) => {
    const [start, end] = [at.selectionStart, at.selectionEnd];
    at.setRangeText(text, text || start < end ? start : Math.max(0, start - 1), end, "end");
    at.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };

  const press = ({ key, code, shiftKey }) => {
    const at = document.activeElement;
    const goesOn = at.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }));
    if (!goesOn) return;
    if (key === "Tab") step(at, shiftKey ? -1 : 1);
    else if (at.matches("button, a, summary, [type=radio], [type=checkbox]") && (key === " " || (key === "Enter" && !at.matches("input")))) at.click();
    else if (key === "Enter" && at.matches("input, select")) at.form?.requestSubmit(at.form.querySelector("[type=submit]"));
    else if (typeof at.selectionStart === "number") write(at, key === "Backspace" ? "" : key === "Enter" ? "\n" : key);
  };

  // `work`: a promise. Its own failures are its own affair: keys go on when it has ended, however.
  return async (work) => {
    awaited += 1;
    try {
      return await work;
    } finally {
      awaited -= 1;
      while (keys.length && !awaited) press(keys.shift());
    }
  };
})();
