import { el, icon, setText } from "../dom.js";
import { isEphemeral, isLoading, MessageFlag, MessageKind } from "../chat/flags.js";
import { clock, full, when } from "../times.js";
import { attachments } from "./attachments.js";
import { avatar } from "./avatar.js";
import { components } from "./components.js";
import { embeds } from "./embeds.js";
import { replaceKeepingFocus } from "./focus.js";
import { markup } from "./markup.js";
import { reactions } from "./reactions.js";
import { usedLine, replyLine } from "./lines.js";
import { enliven } from "./rendered.js";

const GROWING_MS = 2500;

/**
 * One message. `update` changes only the parts that differ, each of which remembers what it was made from.
 *
 * `acts` is what can be done: click, choose, react, jump, openThread, dismiss, finished.
 */
export class MessageView {
  #made = new Map();
  #growing = 0;

  constructor(message, acts) {
    this.acts = acts;
    const nameId = `author-${message.id}`;
    this.above = el("div", { class: "above" });
    this.face = el("div", { class: "face" });
    this.author = el("span", { class: "author", id: nameId });
    this.badge = el("span", { class: "badge", hidden: true }, "APP");
    this.time = el("time", { class: "time" });
    this.edited = el("span", { class: "edited", hidden: true }, "(edited)");
    this.content = el("div", { class: "content markup", "data-testid": "content" });
    this.editor = el("div", { class: "editor-place" });
    this.below = el("div", { class: "below" });
    this.parts = {};
    for (const name of ["attachments", "embeds", "components", "failure", "reactions", "thread", "ephemeral"]) {
      this.parts[name] = el("div", { class: `part ${name}` });
    }
    this.below.append(...Object.values(this.parts));
    const byline = el("header", { class: "byline" }, this.author, this.badge, this.time, this.edited);
    this.article = el(
      "article",
      { class: "message", tabIndex: -1, data: { messageId: message.id }, "aria-labelledby": nameId },
      this.above,
      this.face,
      byline,
      this.content,
      this.editor,
      this.below,
    );
    this.update(message);
  }

  update(message) {
    const before = this.message;
    this.message = message;
    const shown = starterOf(message) ?? message;
    if (before && before.content !== message.content && message.author.bot) this.#grow();
    this.#showByline(shown, message);
    const drawn = this.#showContent(shown);
    this.#showAround(message);
    this.#part("attachments", shown.attachments, attachments);
    this.#part("embeds", shown.flags & MessageFlag.SUPPRESS_EMBEDS ? [] : shown.embeds, embeds);
    // Buttons change together with the words above them, which the server draws first.
    drawn.then(() => {
      if (this.message === message)
        this.#part("components", shown.components, (rows) => components(rows, message, this.acts));
    });
    this.#part("reactions", message.reactions ?? [], (list) => reactions(list, message, this.acts));
    this.#part("thread", message.type === MessageKind.THREAD_STARTER ? null : (message.thread ?? null), (thread) =>
      this.#threadCard(thread),
    );
    this.#part("failure", message.failure ?? "", (text) => (text ? [el("p", { role: "alert" }, text)] : []));
    this.#part("ephemeral", isEphemeral(message), (is) => (is ? [this.#onlyYou()] : []));
  }

  /** A message that follows another of its author closely shows no head. */
  set isCompact(is) {
    this.article.classList.toggle("compact", is);
  }

  #showByline(shown, message) {
    setText(this.author, shown.author.username);
    this.badge.hidden = !shown.author.bot;
    this.#once("face", shown.author.username, () => this.face.replaceChildren(avatar(shown.author.username)));
    this.#once("time", message.timestamp, () => {
      this.time.dateTime = message.timestamp;
      this.time.title = full(message.timestamp);
      this.time.replaceChildren(
        el("span", { class: "when" }, when(message.timestamp)),
        el("span", { class: "clock" }, clock(message.timestamp)),
      );
    });
    this.edited.hidden = !message.edited_timestamp;
    if (message.edited_timestamp) this.edited.title = full(message.edited_timestamp);
    this.article.classList.toggle("is-ephemeral", isEphemeral(message));
    this.article.classList.toggle("mentions-me", this.acts.mentionsMe(message));
  }

  async #showContent(shown) {
    this.content.classList.toggle("loading", isLoading(shown) && !shown.content);
    this.content.hidden = !shown.content && !isLoading(shown);
    const text = shown.content || (isLoading(shown) ? `${shown.author.username} is thinking…` : "");
    await markup.show(this.content, text);
    enliven(this.content);
  }

  #showAround(message) {
    const target = message.type === MessageKind.THREAD_STARTER ? undefined : message.referenced_message;
    const used = message.interaction_metadata;
    const answersCommand = message.type === MessageKind.COMMAND || message.type === MessageKind.CONTEXT_COMMAND;
    this.#once("above", [message.type, target?.id, target?.content, used?.id], () => {
      if (answersCommand && used) this.above.replaceChildren(usedLine(used));
      else if (message.message_reference && target !== undefined)
        this.above.replaceChildren(replyLine(target, this.acts));
      else this.above.replaceChildren();
      this.hasAbove = this.above.childElementCount > 0;
    });
  }

  #threadCard(thread) {
    if (!thread) return [];
    const open = el(
      "button",
      {
        type: "button",
        class: "thread-card",
        data: { key: "thread" },
        on: { click: () => this.acts.openThread(thread.id) },
      },
      icon("thread"),
      el("strong", {}, thread.name),
      el("span", {}, "Open the thread ›"),
    );
    return [open];
  }

  #onlyYou() {
    const dismiss = el(
      "button",
      { type: "button", class: "link-button", on: { click: () => this.acts.dismiss(this.message) } },
      "Dismiss message",
    );
    return el("p", {}, icon("eye"), "Only you can see this · ", dismiss);
  }

  /** Marks the message as being written until it has been still for a while: readers are told of its end alone. */
  #grow() {
    clearTimeout(this.#growing);
    this.article.setAttribute("aria-busy", "true");
    this.content.setAttribute("aria-live", "off");
    this.article.classList.add("growing");
    this.#growing = setTimeout(() => {
      this.article.removeAttribute("aria-busy");
      this.article.classList.remove("growing");
      this.acts.finished(this.message);
    }, GROWING_MS);
  }

  #part(name, value, make) {
    this.#once(name, value, () => {
      const children = make(value);
      replaceKeepingFocus(this.parts[name], children, this.article);
      this.parts[name].hidden = !children.length;
    });
  }

  #once(name, value, work) {
    const key = JSON.stringify(value);
    if (this.#made.get(name) === key) return;
    this.#made.set(name, key);
    work();
  }
}

/** A thread's first message says nothing itself: it stands for the one that the thread hangs on. */
function starterOf(message) {
  return message.type === MessageKind.THREAD_STARTER ? message.referenced_message : null;
}
