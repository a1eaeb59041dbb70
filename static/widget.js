// The living list of signatories of a joint statement, for any page:
//   <undersigned-signatories statement="https://…/statements/…"><a href="…">…</a></undersigned-signatories>
// Optional: layout="count|names|organisations|full", lang="be", theme="light|dark", limit="20".
// Custom properties: --undersigned-accent, -ink, -paper, -font, -height; parts: count, quiet, list, signatory, name, role, heading, search, link.
// One request, no cookie, no referrer; writes text only, and keeps the link inside it when the list cannot be reached.
const SENTENCES = {/* sentences */};

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
:host { all: initial !important; display: flex !important; flex-direction: column !important; contain: content !important; box-sizing: border-box !important;
  color-scheme: light dark !important; inline-size: 100% !important; block-size: var(--undersigned-height, 28em) !important; padding: 1em !important;
  font: var(--undersigned-font, medium/1.5 system-ui, sans-serif) !important; color: var(--undersigned-ink, light-dark(#1b1b1a, #eceae4)) !important;
  background: var(--undersigned-paper, light-dark(#fff, #1b1e24)) !important; border: 1px solid color-mix(in srgb, currentColor 20%, transparent) !important; }
:host([hidden]) { display: none !important; }
:host([layout=count]) { block-size: auto !important; min-block-size: var(--undersigned-height, 11em) !important; }
:host([theme=light]) { color-scheme: light !important; }
:host([theme=dark]) { color-scheme: dark !important; }
p, h3 { margin: 0 0 .5em; font-size: 1em; }
.count { font-weight: 600; font-size: 1.15em; }
.foot { margin: .5em 0 0; }
.quiet, .role { opacity: .8; font-size: .88em; }
.scroll { flex: 1; min-block-size: 0; overflow-y: auto; }
ul { list-style: none; margin: 0 0 1em; padding: 0; }
li { padding-block: .4em; border-block-start: 1px solid color-mix(in srgb, currentColor 20%, transparent); overflow-wrap: anywhere; }
.name { display: block; font-weight: 600; }
input { inline-size: 100%; box-sizing: border-box; font: inherit; color: inherit; background: transparent; border: 1px solid; padding: .4em; }
label { display: block; margin-block-end: .5em; }
a, ::slotted(a) { color: var(--undersigned-accent, light-dark(#1d3a63, #9db8e6)); padding-block: .3em; }
:focus-visible { outline: 2px solid; outline-offset: -2px; }
`);

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function element(name, part, text, ...children) {
  const node = document.createElement(name);
  node.setAttribute("part", part);
  node.className = part;
  node.append(text || "", ...children);
  return node;
}

function link(text, href) {
  const node = element("a", "link", text);
  node.href = href;
  return node;
}

class Signatories extends HTMLElement {
  static observedAttributes = ["statement", "layout", "lang", "limit"];
  #root = this.attachShadow({ mode: "open" });
  #near = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && this.#load(), { rootMargin: "300px" });
  #back = () => document.visibilityState === "visible" && this.#asked && this.#load();
  #feed;
  #asked;

  connectedCallback() {
    this.#root.adoptedStyleSheets = [SHEET];
    this.#root.replaceChildren(document.createElement("slot"));
    document.addEventListener("visibilitychange", this.#back);
    this.#near.observe(this);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#back);
    this.#near.disconnect();
  }

  attributeChangedCallback(name, before) {
    if (before === null && !this.#feed) return;
    if (name === "statement") this.#load();
    else if (this.#feed) this.#show();
  }

  async #load() {
    this.#near.disconnect();
    const asked = this.#asked = {};
    try {
      const page = new URL(this.getAttribute("statement"), document.baseURI);
      if (!/^https?:$/.test(page.protocol)) return;
      page.pathname = page.pathname.replace(/\/$/, "") + "/feed.json";
      const answer = await fetch(page, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(10000) });
      const feed = answer.ok && await answer.json();
      if (!feed || asked !== this.#asked) return;
      this.#feed = feed;
      this.#show();
    } catch { /* what was shown before stands: the last list, or the link */ }
  }

  #show() {
    const own = this.#feed._undersigned, layout = this.getAttribute("layout"), asked = this.lang || this.#feed.language;
    const code = Object.hasOwn(SENTENCES, asked) ? asked : "en", words = SENTENCES[code], home = this.#feed.home_page_url;
    const page = code === this.#feed.language ? home : home.replace("/statements/", `/${code}/statements/`);
    const top = [
      element("p", "count", counted(own.counts, words)),
      element("p", "quiet", words.asOf.replace("%(moment)s", () => moment(own.as_of, words))),
      ...(own.counts.withheld ? [element("p", "quiet", plural(words, "withheld", own.counts.withheld))] : []),
      ...(own.notice ? [element("p", "quiet", words.hidden)] : []),
    ];
    const names = layout === "count" || own.notice ? [] : this.#names(layout, words, page);
    this.#root.replaceChildren(...top, ...names, element("p", "foot", link(own.state === "open" ? words.sign : words.read, page)));
    for (const part of this.#root.children) [part.lang, part.dir] = [code, words.dir];
  }

  #names(layout, words, page) {
    const pinned = this.#feed._undersigned.first, known = new Set(pinned.map((one) => one.number));
    const all = [...pinned, ...this.#feed.items.map((item) => item._undersigned).filter((one) => !known.has(one.number))];
    const organisations = all.filter((one) => one.kind === "organisation"), people = all.filter((one) => one.kind !== "organisation");
    const most = Number(this.getAttribute("limit")) || 100, box = element("div", "scroll");
    const groups = layout === "organisations" ? [["", organisations]] : layout === "full" ? [[words.organisationsTitle, organisations], [words.peopleTitle, people]] : [["", all]];
    const rows = [];
    for (const [title, group] of groups) {
      if (!group.length) continue;
      const list = element("ul", "list");
      list.setAttribute("aria-label", title || words.list);
      for (const one of group.slice(0, most)) rows.push(list.appendChild(row(one)));
      box.append(...(title ? [element("h3", "heading", title)] : []), list);
    }
    const whole = link(words.whole, `${page}/signatories`);
    box.append(element("p", "", whole));
    box.tabIndex = 0;
    box.role = "region";
    box.ariaLabel = words.list;
    if (layout !== "full") return [box];
    const field = element("input", "search");
    field.type = "search";
    field.oninput = () => {
      for (const one of rows) one.hidden = !folded(one.textContent).includes(folded(field.value.trim()));
      whole.href = `${page}/signatories?q=${encodeURIComponent(field.value.trim())}`;
      whole.textContent = field.value.trim() ? words.search : words.whole;
    };
    return [element("label", "quiet", words.find, field), box];
  }
}

function row(one) {
  const organisation = one.kind === "organisation";
  const rest = (organisation ? [one.name, one.role] : [one.role, one.organisation]).filter(Boolean).join(", ");
  const node = element("li", "signatory", element("span", "name", organisation ? one.organisation : one.name), ...(rest ? [element("span", "role", rest)] : []));
  node.dir = "auto";
  if (one.language) node.lang = one.language;
  return node;
}

// Browsers know the plurals of every language, but neither the months nor the numbers of each.
function moment(time, words) {
  const [year, month, day] = time.split(/[-T]/);
  return `${Number(day)} ${words.months[month - 1]} ${year}, ${time.slice(11, 16)} UTC`;
}

const number = (count, words) => String(count).replace(/\B(?=(\d{3})+$)/g, words.group);

function plural(words, key, count) {
  const forms = words[key];
  return (forms[new Intl.PluralRules(words.code).select(count)] ?? forms.other ?? forms.many).replace("%(count)s", number(count, words));
}

function counted({ organisations, individuals }, words) {
  if (organisations && individuals) {
    return words.both.replace("%(organisations)s", plural(words, "organisations", organisations)).replace("%(people)s", plural(words, "people", individuals));
  }
  if (organisations) return plural(words, "onlyOrganisations", organisations);
  return individuals ? plural(words, "onlyPeople", individuals) : words.nobody;
}

if (!customElements.get("undersigned-signatories")) customElements.define("undersigned-signatories", Signatories);
