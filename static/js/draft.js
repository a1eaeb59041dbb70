// The editor: the preview follows the typing, and nobody leaves with something unsaved by mistake. Without this the buttons do it all.
const form = document.querySelector("[data-editor]");
const button = form.querySelector("[data-preview]");
const mark = form.querySelector("[data-unsaved]");
const PAUSE = 700;
let unsaved = Boolean(document.getElementById("clash"));
let timer = 0;
let count = 0;

// Each preview goes into a new frame, which leaves no entry in the browser's history, and takes the old one's place once it is there.
const refresh = () => {
  for (const late of document.querySelectorAll("iframe.coming")) late.remove();
  const old = document.querySelector(".editor iframe");
  const place = old.contentWindow?.scrollY ?? 0;
  const next = old.cloneNode();
  next.removeAttribute("src");
  next.className = "coming";
  next.name = button.formTarget = `preview-${count += 1}`;
  old.after(next);
  next.addEventListener("load", () => {
    if (next.contentWindow.location.href === "about:blank") return;
    next.contentWindow.scrollTo(0, place);
    next.className = "";
    old.remove();
  });
  form.requestSubmit(button);
};

const touched = () => {
  unsaved = true;
  mark.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
};

form.addEventListener("input", touched);
// What was typed before this was loaded, or what the browser put back.
if ([...form.querySelectorAll("input:not([type=hidden]), textarea")].some((one) => one.value !== one.defaultValue)) touched();

form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (event.submitter !== button) unsaved = false;
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[value=save]"));
});
