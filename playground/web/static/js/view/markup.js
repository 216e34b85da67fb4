import { soon } from "../dom.js";
import { morph } from "./morph.js";

const KEPT = 400;

/**
 * Discord's Markdown as DOM. The server renders it: it is the one source of HTML that this page inserts. Texts that
 * are wanted within a frame go in one request, and what was rendered is kept by its text.
 */
class Markup {
  #html = new Map();
  #wanted = new Map();
  #newest = new WeakMap();

  /** Shows `text` in `element`, at once if it is known. Of texts that follow each other quickly, the newest stays. */
  async show(element, text) {
    if (this.#newest.get(element) === text) return;
    this.#newest.set(element, text);
    const html = text === "" ? "" : (this.#html.get(text) ?? (await this.#render(text)));
    if (this.#newest.get(element) === text) morph(element, html);
  }

  #render(text) {
    if (!this.#wanted.size) soon(() => this.#flush());
    if (!this.#wanted.has(text)) {
      let settle;
      const promise = new Promise((resolve) => (settle = resolve));
      this.#wanted.set(text, { promise, settle });
    }
    return this.#wanted.get(text).promise;
  }

  async #flush() {
    const wanted = this.#wanted;
    this.#wanted = new Map();
    const texts = [...wanted.keys()];
    const html = await this.#ask(texts);
    texts.forEach((text, index) => {
      if (html) this.#keep(text, html[index]);
      wanted.get(text).settle(html ? html[index] : escaped(text));
    });
  }

  async #ask(texts) {
    try {
      const headers = { "Content-Type": "application/json" };
      const response = await fetch("/web/render", { method: "POST", headers, body: JSON.stringify({ texts }) });
      return response.ok ? (await response.json()).html : null;
    } catch {
      return null; // the server is away: plain text is better than none
    }
  }

  #keep(text, html) {
    this.#html.set(text, html);
    if (this.#html.size > KEPT) this.#html.delete(this.#html.keys().next().value);
  }
}

function escaped(text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  return paragraph.outerHTML;
}

export const markup = new Markup();
