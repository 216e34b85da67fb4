import { el, iconButton } from "../dom.js";

/** The bar that says what is replied to, and whether its author is pinged. */
export class Replying {
  target = null;
  pings = true;

  constructor(onStop) {
    this.onStop = onStop;
    this.words = el("span", {}, "");
    this.ping = el("button", {
      type: "button",
      class: "ping",
      role: "switch",
      on: { click: () => this.#setPing(!this.pings) },
    });
    const stop = iconButton("close", "Stop replying", () => {
      this.stop();
      this.onStop();
    });
    this.element = el("div", { class: "replying", hidden: true }, this.words, this.ping, stop);
  }

  start(message) {
    this.target = message;
    this.words.replaceChildren("Replying to ", el("strong", {}, message.author.username));
    this.#setPing(true);
    this.element.hidden = false;
  }

  stop() {
    this.target = null;
    this.element.hidden = true;
  }

  #setPing(is) {
    this.pings = is;
    this.ping.setAttribute("aria-checked", String(is));
    this.ping.setAttribute("aria-label", "Ping the author");
    this.ping.textContent = is ? "@ ON" : "@ OFF";
  }
}
