import { arrange, el, setText } from "../dom.js";

const MOST_PIPS = 12;

/** The rate-limit buckets: a bar of what is left in each, and when it is full again. */
export class Buckets {
  #rows = new Map();

  constructor() {
    this.list = el("ul", { class: "buckets" });
    this.nothing = el("p", { class: "nothing" }, "No bucket is in use. They fill with the bot's first request.");
    this.element = el("div", {}, this.list, this.nothing);
  }

  show(buckets) {
    const rows = buckets.map((bucket) => this.#row(bucket));
    const keys = new Set(buckets.map((one) => one.key));
    for (const key of this.#rows.keys()) if (!keys.has(key)) this.#rows.delete(key);
    arrange(
      this.list,
      rows.map((row) => row.element),
    );
    this.nothing.hidden = rows.length > 0;
  }

  #row(bucket) {
    let row = this.#rows.get(bucket.key);
    if (!row) this.#rows.set(bucket.key, (row = new Row(bucket)));
    row.show(bucket);
    return row;
  }
}

class Row {
  constructor({ what, route, limit }) {
    this.numbers = el("span", { class: "bucket-numbers" });
    this.reset = el("span", { class: "bucket-reset" });
    this.pips = limit <= MOST_PIPS ? Array.from({ length: limit }, () => el("i")) : [];
    this.fill = el("i", { class: "fill" });
    this.bar = el(
      "div",
      { class: this.pips.length ? "pips" : "bar", "aria-hidden": "true" },
      this.pips.length ? this.pips : this.fill,
    );
    this.clock = el("div", { class: "clock-bar", "aria-hidden": "true" }, el("i"));
    this.element = el(
      "li",
      { class: "bucket", title: route },
      el("div", { class: "bucket-head" }, el("span", { class: "bucket-name" }, what), this.numbers),
      this.bar,
      this.clock,
      this.reset,
    );
  }

  show({ remaining, limit, reset_after, window }) {
    setText(this.numbers, `${remaining} of ${limit} left`);
    setText(
      this.reset,
      reset_after > 0 ? `full again in ${reset_after.toFixed(1)} s` : `full · ${limit} in ${window} s`,
    );
    this.pips.forEach((pip, index) => pip.classList.toggle("left", index < remaining));
    this.fill.style.transform = `scaleX(${remaining / limit})`;
    this.clock.firstChild.style.transform = `scaleX(${window ? Math.min(1, reset_after / window) : 0})`;
    this.element.classList.toggle("empty", remaining === 0);
  }
}
