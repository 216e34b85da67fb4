import { svg } from "../dom.js";

const WIDTH = 240,
  HEIGHT = 56,
  PAD = 2;

/** A tiny live plot of the last `points` values; its scale follows the largest of them. */
export class Plot {
  #values = [];

  constructor(points, label) {
    this.points = points;
    this.area = svg("path", { class: "plot-area" });
    this.line = svg("path", { class: "plot-line" });
    this.element = svg(
      "svg",
      {
        class: "plot",
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": label,
      },
      this.area,
      this.line,
    );
  }

  add(value) {
    this.#values.push(value);
    if (this.#values.length > this.points) this.#values.shift();
    const most = Math.max(...this.#values, 1);
    const x = (index) => WIDTH - (this.#values.length - 1 - index) * (WIDTH / (this.points - 1));
    const y = (one) => HEIGHT - PAD - (one / most) * (HEIGHT - 2 * PAD);
    const line = this.#values
      .map((one, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(one).toFixed(1)}`)
      .join("");
    this.line.setAttribute("d", line);
    this.area.setAttribute("d", `${line}L${WIDTH} ${HEIGHT}L${x(0).toFixed(1)} ${HEIGHT}Z`);
  }
}
