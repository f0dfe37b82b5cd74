// SPDX-License-Identifier: Apache-2.0
// What is under the pointer: the nearest point, its ring, and its card.

const REACH = 10; // pixels from the pointer within which a point is hit
const PATIENCE = 80; // milliseconds the pointer rests before a card is asked for
const CARDS = 200; // cards kept
const PICTURE = /^data:image\/png;base64,[A-Za-z0-9+/]+={0,2}$/;

class HoverStage extends NamedStage {
  /** The visible point nearest to a place, within reach; of equally near ones the last row. */
  nearest(x, y) {
    const { points, kept } = this;
    if (!points || !this.width) return -1;
    const { camera, share } = kept;
    const scale = camera.scale(this.width, this.height);
    const [across0, up0] = camera.toView(x, y, this.width, this.height);
    const reach = this.header.probe ? Math.min(REACH, this.radius + 4) : REACH;
    let best = (reach / scale) ** 2;
    let found = -1;
    const drawn = this.drawnCodes();
    const flat = points.flat(share);
    if (flat) {
      // This runs at every movement of the pointer: straight through the column.
      const { state, total } = points;
      for (let at = 0; at < total; at++) {
        const dx = flat[2 * at] - across0;
        const dy = flat[2 * at + 1] - up0;
        const away = dx * dx + dy * dy;
        if (away <= best && !(state[at] & (FILTERED | MISSING)) && drawn(at)) {
          best = away;
          found = at;
        }
      }
      return found;
    }
    points.walk(camera, share, (count, rows, across, up) => {
      for (let at = 0; at < count; at++) {
        const away = (across[at] - across0) ** 2 + (up[at] - up0) ** 2;
        if (away <= best && drawn(rows[at])) [best, found] = [away, rows[at]];
      }
    });
    return found;
  }

  /** Look what is under the pointer, once a frame. */
  seek(x, y) {
    this.sought = [x, y];
    this.seeking ??= requestAnimationFrame(() => {
      this.seeking = null;
      if (this.sought) this.hover(this.nearest(...this.sought));
    });
  }

  hover(at, linked = false) {
    if (at < 0) this.sought = null;
    if (at === this.hovered) return;
    this.hovered = at;
    this.dropCard();
    this.card.hidden = at < 0 || linked || !this.points;
    if (!this.card.hidden) {
      this.fillCard(at);
      this.placeCard();
    }
    if (!linked) this.shareHover(at);
    if (this.width && this.kept) this.drawOverlay();
  }

  placeCard() {
    const { card, width, height } = this;
    const [x, y] = this.screenOf(this.hovered);
    const [own, tall] = [card.offsetWidth, card.offsetHeight];
    const left = x + 14 + own > width ? x - 14 - own : x + 14;
    const top = y + 14 + tall > height ? y - 14 - tall : y + 14;
    card.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  /** Text of a row: its label, and what its colour shows. */
  wordsOf(row) {
    const { header, blocks, points } = this;
    const words = { label: null, value: null };
    if (blocks.labels) {
      this.labels ??= JSON.parse(new TextDecoder().decode(blocks.labels));
      words.label = this.labels[row];
    }
    const { colour } = header;
    if (colour.kind === "category") words.value = colour.categories[points.colour[row]].name;
    else if (colour.kind === "value") {
      const code = points.colour[row];
      words.value = code === 65535 ? "missing" : formatNumber(valueOf(code, colour), (colour.high - colour.low) / 100);
    }
    if (words.value !== null && colour.label) words.value = `${colour.label}: ${words.value}`;
    return words;
  }

  fillCard(row) {
    const { card, header } = this;
    card.replaceChildren();
    const { label, value } = this.wordsOf(row);
    if (label !== null) card.append(make("div", "wb-label", label));
    if (value !== null) card.append(make("div", "wb-value", value));
    card.hidden = !card.childElementCount && !header.cards;
    if (!header.cards) return;
    if (card.hidden || !card.childElementCount) card.append(make("div", "wb-value", `Row ${row}`));
    const known = this.cardsKept?.get(row);
    if (known) this.showCard(known);
    else this.asking = setTimeout(() => this.askCard(row), PATIENCE);
  }

  async askCard(row) {
    const { header } = this;
    this.abort = new AbortController();
    try {
      const answer = await fetch(`${header.cards}/${row}`, {
        headers: { Authorization: `Bearer ${header.token}` },
        signal: this.abort.signal,
      });
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      const told = await answer.json();
      this.cardsKept ??= new Map();
      this.cardsKept.set(row, told);
      if (this.cardsKept.size > CARDS) this.cardsKept.delete(this.cardsKept.keys().next().value);
      if (this.hovered === row && !this.card.hidden) this.showCard(told);
    } catch (error) {
      if (error.name !== "AbortError") this.card.append(make("div", "wb-value", "The card could not be loaded."));
    }
  }

  /** Text goes in as text, and a picture only when it is a PNG within the answer itself. */
  showCard(told) {
    const { card } = this;
    card.replaceChildren();
    if (typeof told.image === "string" && PICTURE.test(told.image)) {
      const picture = make("img", "wb-picture");
      picture.alt = "";
      picture.addEventListener("load", () => this.hovered >= 0 && this.placeCard(), { once: true });
      picture.src = told.image;
      card.append(picture);
    }
    if (told.title) card.append(make("div", "wb-label", String(told.title)));
    for (const line of Array.isArray(told.lines) ? told.lines : []) card.append(make("div", "wb-value", String(line)));
    if (told.error) card.append(make("div", "wb-value", String(told.error)));
    this.placeCard();
  }

  /** Give up the card that is being asked for. */
  dropCard() {
    clearTimeout(this.asking);
    this.abort?.abort();
    this.abort = null;
  }
}
