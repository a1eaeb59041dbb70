// The living list of signatories of a joint statement, for any page:
//   <undersigned-signatories src="https://…/statements/…"><a href="…">…</a></undersigned-signatories>
// Optional: lang="be", limit="20". Style it with --undersigned-accent, --undersigned-font and ::part(…).
// It sends no cookie and no referrer, writes text only, and keeps the link inside it when the list cannot be reached.
const SENTENCES = {/* sentences */};

const STYLE = `
:host { display: block; color-scheme: light dark; font: var(--undersigned-font, inherit); line-height: 1.5; contain: content; }
p { margin: 0 0 .6em; }
.counted { font-weight: 600; font-size: 1.1em; }
.quiet { opacity: .8; font-size: .88em; }
ul { list-style: none; margin: 0 0 1em; padding: 0; max-block-size: var(--undersigned-height, 24rem); overflow-y: auto; }
li { padding-block: .4em; border-block-start: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
b { display: block; }
a { color: var(--undersigned-accent, inherit); }
`;

function element(name, part, text, children = []) {
  const node = document.createElement(name);
  node.setAttribute("part", part);
  node.className = part;
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

class Signatories extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #seen = () => document.visibilityState === "visible" && this.#load();

  connectedCallback() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.replaceChildren(document.createElement("slot"));
    document.addEventListener("visibilitychange", this.#seen);
    this.#load();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#seen);
  }

  async #load() {
    const page = new URL(this.getAttribute("src"), document.baseURI);
    if (!["http:", "https:"].includes(page.protocol)) return;
    try {
      const answer = await fetch(`${page.href.replace(/\/$/, "")}/feed.json`, {
        cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(10000),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      this.#show(await answer.json(), page.href);
    } catch {
      if (!this.#root.querySelector(".counted")) this.#root.replaceChildren(document.createElement("slot"));
    }
  }

  #show(feed, page) {
    const asked = this.getAttribute("lang") || feed.language;
    const code = SENTENCES[asked] ? asked : "en";
    const own = feed._undersigned;
    const rows = feed.items.slice(0, Number(this.getAttribute("limit")) || 100).map((item) => this.#row(item._undersigned));
    const link = element("a", "link", SENTENCES[code].all);
    link.href = page;
    const moment = new Intl.DateTimeFormat(code === "en" ? "en-GB" : code, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
    const asOf = SENTENCES[code].asOf.replace("%(moment)s", `${moment.format(new Date(own.as_of))} UTC`);
    const list = element("ul", "list", "", rows);
    list.setAttribute("aria-label", SENTENCES[code].list);
    list.tabIndex = 0;
    this.#root.replaceChildren(
      element("p", "counted", counted(own.counts, code)),
      ...(own.counts.withheld ? [element("p", "quiet", plural(code, "withheld", own.counts.withheld))] : []),
      element("p", "quiet", asOf),
      ...(own.notice ? [element("p", "quiet", SENTENCES[code].hidden)] : []),
      ...(rows.length ? [list] : []),
      element("p", "more", "", [link]),
    );
    this.#root.querySelectorAll("p").forEach((line) => { line.lang = code; });
  }

  #row(item) {
    const organisation = item.kind === "organisation";
    const name = element("b", "name", organisation ? item.organisation : item.name);
    const rest = (organisation ? [item.name, item.role] : [item.role, item.organisation]).filter(Boolean).join(", ");
    const row = element("li", "signatory", "", [name, ...(rest ? [element("span", "role", rest)] : [])]);
    row.dir = "auto";
    if (item.language) row.lang = item.language;
    return row;
  }
}

function plural(code, key, count) {
  const forms = SENTENCES[code][key];
  const text = forms[new Intl.PluralRules(code).select(count)] ?? forms.other ?? forms.many;
  return text.replace("%(count)s", new Intl.NumberFormat(code === "en" ? "en-GB" : code).format(count));
}

function counted({ organisations, individuals }, code) {
  if (organisations && individuals) {
    return SENTENCES[code].both
      .replace("%(organisations)s", plural(code, "organisations", organisations))
      .replace("%(people)s", plural(code, "people", individuals));
  }
  if (organisations) return plural(code, "onlyOrganisations", organisations);
  return individuals ? plural(code, "onlyPeople", individuals) : SENTENCES[code].nobody;
}

customElements.define("undersigned-signatories", Signatories);
