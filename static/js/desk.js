// The moderators' keys. Each is the letter shown beside its act; they can be switched off, and rest while somebody writes.
const OFF = "undersigned-keys-off";
const legend = document.querySelector("[data-keys]");
const box = document.querySelector("[data-keys-on]");

if (legend) {
  legend.hidden = false;
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}

const along = (step) => {
  const links = [...document.querySelectorAll(".queue a")];
  const here = links.findIndex((link) => link.getAttribute("aria-current"));
  links[here + step]?.click();
};

const act = (target) => {
  if (target instanceof HTMLFormElement) {
    target.requestSubmit();
  } else if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.querySelector("select, textarea").focus();
  } else {
    target.click();
  }
};

let acted = false;
document.addEventListener("keydown", (event) => {
  if (acted || event.repeat || event.ctrlKey || event.altKey || event.metaKey || localStorage.getItem(OFF)) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") return along(key === "j" ? 1 : -1);
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  acted = target instanceof HTMLFormElement; // one press, one act
  act(target);
});

const all = document.querySelector("[data-tick-all]");
if (all) {
  all.closest("[data-all]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll("input[name=row]")) box.checked = all.checked;
  });
}
