import { el, newId } from "../dom.js";

/**
 * The list of what could be meant, over the composer. The focus stays in the field that is typed in; which entry is
 * marked, screen readers learn by `aria-activedescendant`.
 */
export class Completion {
  #field = null;
  #items = [];
  #marked = -1;

  constructor() {
    this.title = el("p", { class: "completion-title" });
    this.list = el("div", {
      class: "completion-list",
      role: "listbox",
      id: newId("completion"),
      "aria-label": "Suggestions",
    });
    this.element = el("div", { class: "completion", hidden: true }, this.title, this.list);
    // A click must not take the focus out of the field.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get isOpen() {
    return !this.element.hidden && this.#items.length > 0;
  }

  /** Shows items {label, description, note, sign, pick} for `field`; nothing to show closes the list. */
  show(field, title, items) {
    if (this.#field && this.#field !== field) this.#release();
    this.#field = field;
    this.#items = items;
    this.title.textContent = title;
    this.list.replaceChildren(...items.map((item, index) => this.#entry(item, index)));
    this.element.hidden = !items.length;
    field.setAttribute("aria-controls", this.list.id);
    if (field.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", String(this.isOpen));
    this.#mark(items.length ? 0 : -1);
  }

  close() {
    this.element.hidden = true;
    this.#items = [];
    this.#release();
  }

  #release() {
    this.#field?.removeAttribute("aria-activedescendant");
    if (this.#field?.getAttribute("role") === "combobox") this.#field.setAttribute("aria-expanded", "false");
    this.#field = null;
  }

  #entry({ label, description, note, sign }, index) {
    const given = {
      class: "entry",
      role: "option",
      id: `${this.list.id}-${index}`,
      on: { click: () => this.#pick(index), mousemove: () => this.#mark(index) },
    };
    return el(
      "div",
      given,
      sign,
      el(
        "span",
        { class: "entry-words" },
        el("span", { class: "entry-label" }, label),
        description && el("span", { class: "entry-description" }, description),
      ),
      note && el("span", { class: "entry-note" }, note),
    );
  }

  #mark(index) {
    this.#marked = index;
    [...this.list.children].forEach((entry, at) => entry.setAttribute("aria-selected", String(at === index)));
    const marked = this.list.children[index];
    if (marked) {
      this.#field?.setAttribute("aria-activedescendant", marked.id);
      marked.scrollIntoView({ block: "nearest" });
    } else this.#field?.removeAttribute("aria-activedescendant");
  }

  #pick(index) {
    const item = this.#items[index];
    this.close();
    item.pick();
  }

  /** Takes a key that is meant for the list; tells whether it was. */
  take(event) {
    if (!this.isOpen || event.isComposing) return false;
    const count = this.#items.length;
    if (event.key === "ArrowDown") this.#mark((this.#marked + 1) % count);
    else if (event.key === "ArrowUp") this.#mark((this.#marked - 1 + count) % count);
    else if (event.key === "Escape") this.close();
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.#pick(this.#marked);
    else return false;
    event.preventDefault();
    return true;
  }
}
