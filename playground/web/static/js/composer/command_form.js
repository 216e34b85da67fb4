import { el, icon, newId } from "../dom.js";
import { OptionKind } from "../chat/flags.js";
import { autosize } from "./autosize.js";
import { nested } from "./commands.js";
import { choicesOf, kindName, readValue } from "./options.js";

const PAUSE_MS = 120;

/**
 * A slash command being filled in: a field for each option that is given, required ones at once, buttons for the rest.
 * `acts` is {send, cancel, leave, focusSend}; cancel gets what was typed. `autocomplete` asks for choices.
 */
export class CommandForm {
  #fields = [];
  #asked = 0;

  constructor(slash, { store, channelId, completion, autocomplete, acts }) {
    Object.assign(this, { slash, store, channelId, completion, autocomplete, acts });
    this.fields = el("div", { class: "option-fields" });
    this.more = el("div", { class: "option-more" });
    this.hint = el("p", { class: "option-hint", id: newId("hint"), "aria-live": "polite" });
    const name = el("span", { class: "command-pill" }, `/${slash.name}`);
    this.element = el(
      "div",
      { class: "command-form", role: "group", "aria-label": `Command /${slash.name}` },
      name,
      this.fields,
      this.more,
    );
    const required = slash.options.filter((one) => one.required);
    for (const option of required.length ? required : slash.options.slice(0, 1)) this.#add(option);
    this.#showMore();
    if (!this.#fields.length) this.hint.textContent = slash.description;
  }

  /** Puts what was typed after the command's name into the first option; a name before it may be left out. */
  begin(text) {
    const [first] = this.#fields;
    if (first) {
      const prefix = `${first.option.name}:`;
      first.input.value = text.startsWith(prefix) ? text.slice(prefix.length).trimStart() : text;
      autosize(first.input);
    }
    this.focus();
  }

  focus() {
    if (this.#fields.length) this.#fields[0].input.focus();
    else this.acts.focusSend();
  }

  #add(option) {
    const id = newId("option");
    const choices = choicesOf(option, this.store, this.channelId);
    const isListed = Boolean(choices || option.autocomplete);
    const given = {
      id,
      class: "option-input",
      "aria-describedby": this.hint.id,
      autocomplete: "off",
      spellcheck: !isListed,
      ...(isListed ? { role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list" } : { rows: 1 }),
      ...(option.required ? { "aria-required": "true" } : {}),
      ...(option.type === OptionKind.INTEGER || option.type === OptionKind.NUMBER ? { inputMode: "decimal" } : {}),
    };
    const input = el(isListed || option.type !== OptionKind.STRING ? "input" : "textarea", given);
    const label = el(
      "label",
      { htmlFor: id },
      option.name,
      option.required && el("span", { class: "required", "aria-hidden": "true" }, "*"),
    );
    const element = el("div", { class: "option" }, label, input, !option.required && this.#removeButton(option));
    const field = { option, choices, input, element, picked: null };
    this.#fields.push(field);
    this.fields.append(element);
    this.#listen(field);
    return field;
  }

  #removeButton(option) {
    return el(
      "button",
      {
        type: "button",
        class: "option-remove",
        "aria-label": `Leave out ${option.name}`,
        on: { click: () => this.#remove(option) },
      },
      icon("close"),
    );
  }

  #remove(option) {
    const field = this.#fields.find((one) => one.option === option);
    this.#fields = this.#fields.filter((one) => one !== field);
    field.element.remove();
    this.completion.close();
    this.#showMore();
    (this.#fields.at(-1)?.input ?? this.more.querySelector("button"))?.focus();
  }

  #showMore() {
    const given = new Set(this.#fields.map((one) => one.option));
    const rest = this.slash.options.filter((option) => !given.has(option));
    this.more.replaceChildren(
      ...rest.map((option) =>
        el(
          "button",
          {
            type: "button",
            class: "option-add",
            title: option.description,
            "aria-label": `Add the option ${option.name}: ${option.description}`,
            on: {
              click: () => {
                this.#add(option).input.focus();
                this.#showMore();
              },
            },
          },
          icon("plus"),
          option.name,
        ),
      ),
    );
  }

  #listen(field) {
    const { input, option } = field;
    input.addEventListener("focus", () => {
      this.#explain(field);
      this.#suggest(field, true);
    });
    input.addEventListener("blur", () => this.completion.close());
    input.addEventListener("input", () => {
      field.picked = null;
      input.removeAttribute("aria-invalid");
      autosize(input);
      this.#explain(field);
      this.#suggest(field);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || this.completion.take(event)) return;
      if (event.key === "Enter" && !event.shiftKey) this.acts.send();
      else if (event.key === "Escape") this.acts.cancel(this.#fields[0].input.value);
      else if (event.key === "Backspace" && !input.value) this.#erase(option);
      else return;
      event.preventDefault();
    });
  }

  /** Backspace in an empty field takes back the step that led there. */
  #erase(option) {
    if (option === this.#fields[0]?.option) this.acts.leave(`/${this.slash.name}`);
    else if (!option.required) this.#remove(option);
    else this.#fields[this.#fields.findIndex((one) => one.option === option) - 1]?.input.focus();
  }

  #explain({ option }, problem = "") {
    const words = [kindName(option), option.required ? "required" : "optional"].join(", ");
    this.hint.classList.toggle("problem", Boolean(problem));
    this.hint.replaceChildren(
      el("strong", {}, option.name),
      ` ${problem || option.description} `,
      el("small", {}, words),
    );
  }

  async #suggest(field, isAtOnce = false) {
    const { option, choices, input } = field;
    const asked = ++this.#asked;
    if (choices)
      return this.#offer(
        field,
        choices.filter((one) => field.picked || one.name.toLowerCase().includes(input.value.trim().toLowerCase())),
      );
    if (!option.autocomplete) return this.completion.close();
    if (!isAtOnce) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (asked !== this.#asked) return undefined;
    const found = await this.autocomplete(this.slash.command, nested(this.slash, this.#given(field)));
    if (asked === this.#asked && document.activeElement === input) this.#offer(field, found);
    return undefined;
  }

  #offer(field, choices) {
    const { input, option } = field;
    const items = choices.map((one) => ({
      label: one.name,
      description: "",
      pick: () => {
        input.value = one.name;
        field.picked = one;
        input.removeAttribute("aria-invalid");
      },
    }));
    this.completion.show(input, option.autocomplete ? `${option.name}: suggested by the bot` : option.name, items);
  }

  /** Gives what has been typed so far, the field `focused` marked. */
  #given(focused) {
    return this.#fields
      .filter((one) => one === focused || one.input.value)
      .map((one) => ({
        name: one.option.name,
        type: one.option.type,
        value: one.picked?.value ?? one.input.value,
        ...(one === focused ? { focused: true } : {}),
      }));
  }

  /** Gives the options as Discord wants them; null if something is missing or wrong, which is shown then. */
  read() {
    const options = [];
    for (const field of this.#fields) {
      const { option, input, choices, picked } = field;
      const isEmpty = !input.value.trim();
      if (isEmpty && !option.required) continue;
      const { value, problem } = isEmpty
        ? { problem: "This is required." }
        : picked
          ? { value: picked.value }
          : readValue(option, input.value, choices);
      if (problem) {
        input.focus();
        input.setAttribute("aria-invalid", "true");
        this.#explain(field, problem);
        return null;
      }
      options.push({ name: option.name, type: option.type, value });
    }
    return nested(this.slash, options);
  }
}
