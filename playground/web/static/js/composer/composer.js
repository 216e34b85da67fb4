import { announce } from "../announce.js";
import { el, iconButton } from "../dom.js";
import { attempt } from "../toasts.js";
import { avatar } from "../view/avatar.js";
import { autosize } from "./autosize.js";
import { CommandForm } from "./command_form.js";
import { matching, readSlash, slashCommands } from "./commands.js";
import { Completion } from "./completion.js";
import { Replying } from "./replying.js";

const MOST_CHARS = 2000;
const COUNT_FROM = 1800;

/** Where one writes: text, replies and slash commands. `editLast` is called by ArrowUp in an empty composer. */
export class Composer {
  #person = null;
  #channelId = "";
  #drafts = new Map();
  #slashes = [];
  #applications = new Map();
  #form = null;

  constructor(place, { editLast }) {
    this.editLast = editLast;
    this.completion = new Completion();
    this.replying = new Replying(() => this.text.focus());
    this.text = el("textarea", {
      id: "composer-text",
      rows: 1,
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      maxLength: 4000,
    });
    this.slot = el("div", { class: "composer-slot" }, this.text);
    this.count = el("span", { class: "count", role: "status", hidden: true });
    this.hintPlace = el("div", { class: "hint-place", hidden: true });
    this.send = iconButton("send", "Send", null, { type: "submit", class: "icon-button send" });
    this.typing = el("p", { class: "typing", role: "status", "aria-live": "off" });
    place.append(
      this.completion.element,
      this.hintPlace,
      this.replying.element,
      el("div", { class: "composer-box" }, this.slot, this.count, this.send),
      this.typing,
    );
    place.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#listen();
  }

  /** Turns to a channel; what was being written in the last one waits there. */
  show(person, channelId, name) {
    if (this.#person) this.#drafts.set(this.#draftKey(), this.text.value);
    this.#leaveForm();
    this.replying.stop();
    this.#person = person;
    this.#channelId = channelId;
    this.text.value = this.#drafts.get(this.#draftKey()) ?? "";
    this.text.setAttribute("aria-label", `Message ${name}`);
    this.text.placeholder = `Message ${name}`;
    this.#typed(false);
    this.#loadCommands();
  }

  focus() {
    (this.#form ?? this.text).focus();
  }

  reply(message) {
    if (this.#form) this.#leaveForm();
    this.replying.start(message);
    this.text.focus();
  }

  #draftKey() {
    return `${this.#person.name} ${this.#channelId}`;
  }

  async #loadCommands() {
    const channelId = this.#channelId,
      person = this.#person;
    const { commands, applications } = await person.interactions
      .index(channelId)
      .catch(() => ({ commands: [], applications: new Map() }));
    if (channelId !== this.#channelId || person !== this.#person) return;
    this.#slashes = slashCommands(commands);
    this.#applications = applications;
    if (document.activeElement === this.text && this.text.value.startsWith("/")) this.#complete();
  }

  #listen() {
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("blur", () => this.completion.close());
    this.text.addEventListener("focus", () => this.text.value.startsWith("/") && this.#complete());
    this.text.addEventListener("keydown", (event) => {
      if (event.isComposing || this.completion.take(event)) return;
      if (event.key === "Enter" && !event.shiftKey) this.#submit();
      else if (event.key === "Escape" && this.replying.target) this.replying.stop();
      else if (event.key === "ArrowUp" && !this.text.value) this.editLast();
      else return;
      event.preventDefault();
    });
  }

  #typed(isByHand = true) {
    const { value } = this.text;
    autosize(this.text);
    const left = MOST_CHARS - [...value].length;
    this.count.hidden = value.length < COUNT_FROM;
    this.count.textContent = String(left);
    this.count.classList.toggle("over", left < 0);
    if (!isByHand) return;
    if (value === "/") this.#loadCommands();
    if (value && !value.startsWith("/")) this.#person.type(this.#channelId);
    const used = readSlash(this.#slashes, value);
    if (used) this.#fill(used.slash, used.rest);
    else this.#complete();
  }

  #complete() {
    const { value, selectionStart } = this.text;
    if (/^\/[^\n]*$/.test(value)) this.#offerCommands(value.slice(1));
    else {
      const mention = /(?:^|\s)@(\w*)$/.exec(value.slice(0, selectionStart));
      if (mention) this.#offerPeople(mention[1]);
      else this.completion.close();
    }
  }

  #offerCommands(typed) {
    const items = matching(this.#slashes, typed).map((slash) => {
      const app = this.#applications.get(slash.command.application_id)?.name ?? "";
      const options = slash.options
        .filter((one) => one.required)
        .map((one) => one.name)
        .join(" ");
      return {
        label: `/${slash.name} ${options}`.trim(),
        description: slash.description,
        note: app,
        sign: avatar(app, "small"),
        pick: () => this.#fill(slash, ""),
      };
    });
    this.completion.show(this.text, typed ? `Commands that fit “${typed}”` : "Commands", items);
  }

  #offerPeople(typed) {
    const fits = this.#members().filter((user) => user.username.startsWith(typed.toLowerCase()));
    const members = fits.length === 1 && fits[0].username === typed ? [] : fits; // all of it is there already
    const items = members.map((user) => ({
      label: user.username,
      description: "",
      note: user.bot ? "app" : "",
      sign: avatar(user.username, "small"),
      pick: () => {
        const { value, selectionStart } = this.text;
        const before = value.slice(0, selectionStart - typed.length);
        this.text.value = `${before}${user.username} ${value.slice(selectionStart)}`;
        this.text.selectionStart = this.text.selectionEnd = before.length + user.username.length + 1;
        this.#typed();
      },
    }));
    this.completion.show(this.text, "Members", items);
  }

  #members() {
    const { store } = this.#person;
    const channel = store.channels.get(this.#channelId);
    return store.guildOf(channel)?.members.map((one) => one.user) ?? channel?.recipients ?? [];
  }

  // Commands

  #fill(slash, rest) {
    this.replying.stop();
    const person = this.#person,
      channelId = this.#channelId;
    this.#form = new CommandForm(slash, {
      store: person.store,
      channelId,
      completion: this.completion,
      autocomplete: (command, options) => person.interactions.autocomplete(channelId, command, options).catch(() => []),
      acts: {
        send: () => this.#submit(),
        cancel: (typed) => {
          this.#leaveForm(typed);
          this.text.focus();
        },
        leave: (text) => {
          this.#leaveForm(text);
          this.text.focus();
          this.#typed();
        },
        focusSend: () => this.send.focus(),
      },
    });
    this.text.value = "";
    this.completion.close();
    this.slot.replaceChildren(this.#form.element);
    this.hintPlace.replaceChildren(this.#form.hint);
    this.hintPlace.hidden = false;
    this.#form.begin(rest);
    announce(`Command ${slash.name}. ${slash.description}`);
  }

  /** Goes back to plain text, of which `text` stands there then. */
  #leaveForm(text = "") {
    this.completion.close();
    if (!this.#form) return;
    this.#form = null;
    this.hintPlace.hidden = true;
    this.slot.replaceChildren(this.text);
    this.text.value = text;
    this.#typed(false);
  }

  // Sending

  async #submit() {
    await attempt(() => (this.#form ? this.#use() : this.#say()));
  }

  async #use() {
    const { slash } = this.#form;
    const options = this.#form.read();
    if (!options) return;
    await this.#person.interactions.use(this.#channelId, slash.command, options);
    this.#leaveForm();
    this.text.focus();
  }

  async #say() {
    const typed = this.text.value;
    if (!typed.trim()) return;
    const { target, pings } = this.replying;
    this.text.value = "";
    this.#typed(false);
    this.completion.close();
    try {
      await this.#person.say(this.#channelId, this.#withMentions(typed), target?.id ?? null, pings);
      this.replying.stop();
    } catch (error) {
      if (!this.text.value) this.text.value = typed;
      this.#typed(false);
      throw error;
    }
  }

  #withMentions(typed) {
    const ids = new Map(this.#members().map((user) => [user.username, user.id]));
    return typed.replace(/(^|\s)@(\w+)/g, (all, space, name) => (ids.has(name) ? `${space}<@${ids.get(name)}>` : all));
  }
}
