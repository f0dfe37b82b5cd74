// SPDX-License-Identifier: Apache-2.0
// The search box: a button on every page, and a dialogue in which entries appear while one types. Text is only ever
// set as text.

const boxes = new WeakMap(); // the mount's root -> its box
const REST = 90; // milliseconds after the last letter when the entries are asked for

function make(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}

class SearchBox {
  constructor(root) {
    this.root = root;
    [this.hits, this.at, this.waiting, this.asked, this.answered] = [[], -1, 0, null, ""];
    this.opener = make("button", "wb-search-open");
    this.opener.type = "button";
    this.opener.append(make("span", "", "Search the compendium"), make("kbd", "", "/"));
    this.opener.setAttribute("aria-keyshortcuts", "/ Control+K");
    this.opener.addEventListener("click", () => this.open());
    this.dialog = make("dialog", "wb-search-dialog");
    this.dialog.setAttribute("aria-label", "Search the compendium");
    this.field = make("input", "wb-search-field");
    Object.assign(this.field, { type: "text", maxLength: 2000, spellcheck: false, autocomplete: "off" });
    this.field.placeholder = "A symptom, a question, an error message";
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": "wb-search-hits", "aria-autocomplete": "list", "aria-label": "Search the compendium" })) this.field.setAttribute(name, value);
    this.chip = make("button", "wb-search-chip");
    this.chip.type = "button";
    this.chip.hidden = true;
    this.chip.addEventListener("click", () => {
      this.free = true;
      this.drawChip();
      this.ask();
      this.field.focus();
    });
    this.list = make("ul", "wb-search-hits");
    this.list.id = "wb-search-hits";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Entries");
    this.word = make("p", "wb-search-word");
    this.word.setAttribute("role", "status");
    const foot = make("p", "wb-search-foot", "Enter opens the marked entry, Shift and Enter show all hits, arrow keys choose, Escape closes.");
    this.dialog.append(this.field, this.chip, this.word, this.list, foot);
    this.root.append(this.opener, this.dialog);
    this.field.addEventListener("input", () => this.soon());
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.shortcut = (event) => this.listen(event);
    document.addEventListener("keydown", this.shortcut);
  }

  update(data, tell) {
    [this.data, this.tell] = [data ?? {}, tell];
    if (this.contextName !== this.data.context?.name) {
      this.contextName = this.data.context?.name;
      this.free = false;
      this.drawChip();
    }
  }

  get context() {
    return this.free ? null : (this.data?.context?.name ?? null);
  }

  drawChip() {
    const shown = this.context !== null;
    this.chip.hidden = !shown;
    if (!shown) return;
    this.chip.textContent = `in ${this.data.context.called} ×`;
    this.chip.setAttribute("aria-label", `Searching in ${this.data.context.called}: remove`);
  }

  listen(event) {
    if (!this.root.isConnected || this.dialog.open || event.altKey) return;
    const written = event.composedPath()[0];
    const typing = written instanceof Element && (written.matches("input, textarea, select, [contenteditable]") || written.isContentEditable);
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !typing;
    const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!slash && !control) return;
    event.preventDefault();
    event.stopPropagation();
    this.open();
  }

  open() {
    this.dialog.showModal();
    this.field.select();
    this.ask();
  }

  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(), REST);
  }

  async ask() {
    clearTimeout(this.waiting);
    this.asked?.abort();
    const text = this.field.value.trim();
    const { address, token } = this.data;
    if (!text || !address) {
      this.show([], text ? "Press Enter to search." : "");
      return;
    }
    const asked = (this.asked = new AbortController());
    if (!this.hits.length) this.show([], "Searching…", "");
    const query = new URLSearchParams({ q: text });
    if (this.context) query.set("context", this.context);
    try {
      const answer = await fetch(`${address}?${query}`, { headers: { Authorization: `Bearer ${token}` }, signal: asked.signal });
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      const { hits, fits, did_you_mean: meant } = await answer.json();
      if (asked !== this.asked) return;
      const words = meant ? `Did you mean: ${meant}? ` : "";
      const lead = hits.length ? (fits ? "" : "No confident match. The nearest entries:") : "No entry has any of these words.";
      this.show(fits ? hits : hits.slice(0, 3), `${words}${lead}`, text);
    } catch (error) {
      if (error.name !== "AbortError") this.show([], "No answer came. Press Enter to search on a page of its own.");
    }
  }

  // `text`: what was asked for these hits
  show(hits, word, text = "") {
    [this.hits, this.at, this.answered] = [hits, hits.length ? 0 : -1, text];
    this.word.textContent = word;
    this.word.hidden = !word;
    this.list.replaceChildren(
      ...hits.map((hit, place) => {
        const line = make("li", "wb-search-hit");
        line.id = `wb-search-hit-${place}`;
        line.setAttribute("role", "option");
        line.append(make("span", "wb-search-title", hit.title), make("span", "wb-search-why", [hit.area, hit.grade, hit.reason].filter(Boolean).join(" · ")));
        line.addEventListener("click", () => this.choose(place));
        line.addEventListener("pointermove", () => this.mark(place));
        return line;
      }),
    );
    this.mark(this.at);
  }

  mark(place) {
    this.at = place;
    [...this.list.children].forEach((line, at) => line.setAttribute("aria-selected", String(at === place)));
    if (place >= 0) {
      this.field.setAttribute("aria-activedescendant", `wb-search-hit-${place}`);
      this.list.children[place]?.scrollIntoView({ block: "nearest" });
    } else this.field.removeAttribute("aria-activedescendant");
  }

  press(event) {
    if (event.isComposing) return;
    const { length } = this.hits;
    if (event.key === "ArrowDown" && length) this.mark((this.at + 1) % length);
    else if (event.key === "ArrowUp" && length) this.mark((this.at + length - 1) % length);
    else if (event.key === "Enter" && event.shiftKey) this.all();
    // Letters after the last answer: its first entry is none that anybody has chosen for them.
    else if (event.key === "Enter") this.answered === this.field.value.trim() ? this.choose(this.at) : this.all();
    else return;
    event.preventDefault();
  }

  choose(place) {
    const hit = this.hits[place];
    if (!hit) return this.all();
    this.dialog.close();
    this.tell({ entry: hit.id, text: this.field.value.trim(), context: this.context });
  }

  all() {
    const text = this.field.value.trim();
    if (!text) return;
    this.dialog.close();
    this.tell({ text, context: this.context });
  }

  destroy() {
    clearTimeout(this.waiting);
    this.asked?.abort();
    document.removeEventListener("keydown", this.shortcut);
    this.root.replaceChildren();
  }
}

export default function mount({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".wb-search");
  let box = boxes.get(root);
  if (!box) {
    box = new SearchBox(root);
    boxes.set(root, box);
  }
  box.update(data, (told) => setTriggerValue("wanted", told));
  return () => {
    box.destroy();
    boxes.delete(root);
  };
}
