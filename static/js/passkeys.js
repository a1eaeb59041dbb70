// Passkeys: a form with data-passkey ("create" or "get") fetches its challenge, asks the browser, and sends the answer. Without it the form stays hidden.
const ask = async (form) => {
  const given = await fetch(form.dataset.options, { method: "POST", cache: "no-store" });
  if (!given.ok) throw new Error(String(given.status));
  const options = await given.json();
  if (form.dataset.passkey === "create") return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) break;
  form.hidden = false;
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.answer.value = JSON.stringify((await ask(form)).toJSON());
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
