// Proof of work for forms with data-challenge, solved while the form is filled in; without it the form is sent all the same.
// A worker would need a Trusted Types policy and gains nothing: the keys are derived off this thread anyway.
const LANES = 4;
const ATTEMPT = 60_000; // how long to try, and to wait after a failure before the next touch tries again
const HOLD = 15_000;
const MARGIN = 60; // seconds for the post to arrive before the challenge expires

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const pause = (time) => new Promise((go) => setTimeout(go, time));

async function derive({ nonce, salt, cost, keyLength }, counter) {
  const password = new Uint8Array([...bytes(nonce), counter >>> 24, counter >>> 16, counter >>> 8, counter]);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  return hex(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost }, key, keyLength * 8));
}

async function solve(parameters, until) {
  let next = 0;
  let solution;
  const lane = async () => {
    while (!solution) {
      if (Date.now() > until) throw new Error("too slow");
      const counter = next++;
      const derivedKey = await derive(parameters, counter);
      if (derivedKey.startsWith(parameters.keyPrefix)) solution = { counter, derivedKey };
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return solution;
}

async function work(attempt, url) {
  if (!globalThis.crypto?.subtle) throw new Error("no cryptography outside a secure context");
  const began = Date.now();
  const answer = await fetch(url, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const { lifetime, ...challenge } = await answer.json();
  const solution = await solve(challenge.parameters, attempt.until);
  attempt.payload = btoa(JSON.stringify({ challenge, solution }));
  attempt.until = began + (lifetime - MARGIN) * 1000;
}

function guard(form) {
  const wait = form.querySelector("[data-proof-wait]");
  let attempt;
  let held = false;
  let released = false;

  const hold = (on) => {
    held = on;
    wait?.toggleAttribute("hidden", !on);
  };
  const living = () => attempt && Date.now() < attempt.until;
  const begin = () => {
    if (living()) return;
    const mine = { until: Date.now() + ATTEMPT };
    mine.over = work(mine, form.dataset.challenge).catch(() => { mine.failed = true; });
    attempt = mine;
  };

  for (const touch of ["focusin", "input", "pointerdown"]) form.addEventListener(touch, begin);
  addEventListener("pagehide", () => hold(false)); // who left and comes back has not pressed the button again

  form.addEventListener("submit", async (event) => {
    if (released || (!held && living() && attempt.payload)) {
      form.elements.proof.value = attempt.payload ?? "";
      attempt = null; // a challenge counts once
      return;
    }
    event.preventDefault();
    hold(true);
    if (attempt?.failed) attempt = null;
    begin();
    await Promise.race([attempt.over, pause(HOLD)]);
    await pause(0); // requestSubmit does nothing while this very event is still on its way
    if (!held) return; // left, or sent by the first of several presses
    hold(false);
    released = true;
    form.requestSubmit(event.submitter);
    released = false;
  });
}

for (const form of document.querySelectorAll("form[data-challenge]")) {
  if (form.requestSubmit) guard(form); // a browser too old to hold a form sends it without
}
