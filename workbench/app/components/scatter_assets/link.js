// SPDX-License-Identifier: Apache-2.0
// Maps of one page with the same link and number of points: selection, hidden categories and hover are one for all.

// By link and number of points: the maps there are, and what they share.
const links = (globalThis.workbenchScatterLinks ??= new Map());

class LinkedStage extends KeyedStage {
  get link() {
    const { link, total } = this.header;
    if (!link) return null;
    const name = `${link} ${total}`;
    if (!links.has(name)) links.set(name, { maps: new Set(), chosen: null, bases: new Map() });
    return links.get(name);
  }

  get peers() {
    return this.joined ? [...this.joined.maps].filter((map) => map !== this) : [];
  }

  join() {
    if (this.joined !== this.link) this.leave();
    this.joined = this.link;
    this.joined?.maps.add(this);
  }

  leave() {
    this.joined?.maps.delete(this);
    this.joined = null;
  }

  /** Take up the selection that the other maps have, or give them this one. */
  shareChosen() {
    const { joined, kept, header } = this;
    if (!joined) return;
    const known = joined.bases.get(header.key);
    const anew = known !== undefined && known !== header.base; // the page gave this map another start
    joined.bases.set(header.key, header.base);
    if (joined.chosen && !anew) {
      // Other points under the same link: the page has not heard yet what is selected among them.
      const news = kept.chosen !== joined.chosen && joined.chosen.operations.length > 0;
      kept.chosen = joined.chosen;
      if (news) queueMicrotask(() => this.reportSelection());
    } else {
      joined.chosen = kept.chosen;
      for (const map of this.peers) {
        map.kept.chosen = kept.chosen;
        map.selectionChanged();
      }
    }
  }

  shareHidden() {
    for (const map of this.peers) {
      if (map.kept.names !== this.kept.names) continue;
      map.kept.hidden = new Set(this.kept.hidden);
      map.applyColours();
      map.fillLegend();
      map.redraw();
    }
  }

  shareHover(row) {
    for (const map of this.peers) if (map.points) map.hover(row, true);
  }

  /** All maps draw the selection and report it: each has its own answer on the page. */
  shareSelection() {
    for (const map of [this, ...this.peers]) {
      map.selectionChanged();
      map.reportSelection();
    }
  }
}
