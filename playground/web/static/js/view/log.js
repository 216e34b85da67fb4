import { arrange, el, soon } from "../dom.js";
import { isEphemeral, MessageKind } from "../chat/flags.js";
import { areOneDay, day } from "../times.js";
import { Follow } from "./follow.js";
import { MessageView } from "./message.js";
import { listenForSpoilers } from "./rendered.js";
import { toolbar } from "./toolbar.js";

const TOGETHER_MS = 7 * 60_000;
const OLDER_AT_PX = 120;

/** The messages of the channel that is shown, kept up to date in place. */
export class Log {
  #views = new Map();
  #days = new Map();
  #person = null;
  #channelId = "";
  #isPlanned = false;
  #changed = new Map();
  #missed = 0;

  constructor({ scroller, log, welcome, newest }, acts) {
    Object.assign(this, { scroller, log, welcome, newest, acts });
    this.follow = new Follow(scroller, log);
    this.follow.addEventListener("change", () => this.#showNewest());
    newest.addEventListener("click", () => this.follow.toEnd());
    scroller.addEventListener("scroll", () => scroller.scrollTop < OLDER_AT_PX && this.#loadOlder(), { passive: true });
    listenForSpoilers(log);
    this.#listenForHover();
    this.#listenForKeys();
  }

  /** Shows a channel as `person` sees it. */
  async show(person, channelId) {
    if (this.#person !== person) this.#listenTo(person);
    this.#person = person;
    this.#channelId = channelId;
    this.#views.clear();
    this.#days.clear();
    this.log.replaceChildren();
    this.#missed = 0;
    this.#arrange();
    await person.loadHistory(channelId);
    this.#arrange();
    this.follow.toEnd();
  }

  #heard = new WeakSet();

  #listenTo(person) {
    if (this.#heard.has(person)) return;
    this.#heard.add(person);
    const isHere = (channelId) => person === this.#person && channelId === this.#channelId;
    person.store.addEventListener("messages", ({ detail }) => isHere(detail.channelId) && this.#plan());
    person.store.addEventListener("message", ({ detail }) => isHere(detail.channelId) && this.#take(detail));
    person.store.addEventListener(
      "ready",
      () => person === this.#person && person.loadHistory(this.#channelId).catch(() => {}),
    );
  }

  /** Gathers what happens to one message within a frame: only its newest state is drawn. */
  #take({ message, change }) {
    if (change === "changed" && this.#views.has(message.id)) this.#changed.set(message.id, message);
    else if (change === "added" && !this.follow.isFollowing) this.#missed += 1;
    this.#plan(change !== "changed" || !this.#views.has(message.id));
  }

  #needsArranging = false;

  #plan(arranges = true) {
    this.#needsArranging ||= arranges;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    soon(() => {
      this.#isPlanned = false;
      for (const [id, message] of this.#changed) this.#views.get(id)?.update(message);
      this.#changed.clear();
      if (this.#needsArranging) this.#arrange();
      this.#needsArranging = false;
      this.#showNewest();
    });
  }

  #arrange() {
    const { store } = this.#person;
    const messages = store.messages(this.#channelId);
    const here = new Set(messages.map((one) => one.id));
    const hadFocus = this.log.contains(document.activeElement);
    for (const id of this.#views.keys()) if (!here.has(id)) this.#views.delete(id);
    const nodes = [];
    let before = null;
    for (const message of messages) {
      if (!before || !areOneDay(before.timestamp, message.timestamp)) nodes.push(this.#day(message.timestamp));
      const view = this.#view(message);
      view.isCompact = isCompact(before, message, view);
      nodes.push(view.article);
      before = message;
    }
    arrange(this.log, nodes);
    this.#setTabStop();
    if (hadFocus && !this.log.contains(document.activeElement)) this.articles.at(-1)?.focus();
    const { isLoaded, hasMore } = store.history(this.#channelId);
    this.welcome.hidden = !isLoaded || hasMore;
    this.welcome.classList.toggle("alone", !messages.length);
    if (this.follow.isFollowing) this.follow.toEnd();
  }

  #view(message) {
    let view = this.#views.get(message.id);
    if (!view) this.#views.set(message.id, (view = new MessageView(message, this.acts)));
    else if (view.message !== message) view.update(message);
    return view;
  }

  #day(iso) {
    const words = day(iso);
    if (!this.#days.has(words))
      this.#days.set(words, el("div", { class: "day", role: "separator" }, el("span", {}, words)));
    return this.#days.get(words);
  }

  async #loadOlder() {
    const { scroller } = this;
    const { hasMore, isLoaded } = this.#person?.store.history(this.#channelId) ?? {};
    if (!isLoaded || !hasMore) return;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    await this.#person.loadOlder(this.#channelId);
    this.#arrange();
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
  }

  #showNewest() {
    if (this.follow.isFollowing) this.#missed = 0;
    this.newest.hidden = this.follow.isFollowing;
    const news = this.#missed === 1 ? "1 new message" : `${this.#missed} new messages`;
    this.newest.textContent = this.#missed ? `${news} ↓` : "Jump to the newest ↓";
  }

  /** Scrolls to a message and lets it light up. */
  jump(id) {
    const article = this.#views.get(id)?.article;
    if (!article) return;
    this.follow.leave();
    article.scrollIntoView({ block: "center" });
    this.#focus(article);
    article.classList.remove("flash");
    requestAnimationFrame(() => article.classList.add("flash"));
  }

  view(id) {
    return this.#views.get(id);
  }

  // The toolbar: on the message that the pointer or the focus is on

  #listenForHover() {
    this.log.addEventListener("pointerover", ({ target }) => this.#dress(target.closest("article")));
    this.log.addEventListener("pointerleave", () => this.#undressAll());
    this.log.addEventListener("focusin", ({ target }) => this.#dress(target.closest("article")));
    this.log.addEventListener(
      "focusout",
      ({ relatedTarget }) => this.log.contains(relatedTarget) || this.#undressAll(),
    );
  }

  #dress(article) {
    if (!article || article.querySelector(":scope > .toolbar")) return this.#undressAll(article);
    this.#undressAll(article);
    const { message } = this.#views.get(article.dataset.messageId) ?? {};
    if (message && !message.isLocal) article.append(toolbar(message, this.acts.may(message), this.acts));
  }

  #undressAll(except = null) {
    for (const bar of this.log.querySelectorAll(":scope > article > .toolbar")) {
      const article = bar.parentElement;
      if (article !== except && !article.contains(document.activeElement) && !article.matches(":hover")) bar.remove();
    }
  }

  // One stop of the Tab key for all messages; arrow keys go from one to the next

  get articles() {
    return [...this.log.querySelectorAll(":scope > article")];
  }

  #setTabStop() {
    const all = this.articles;
    if (all.some((one) => one.contains(document.activeElement))) return;
    for (const one of all) one.tabIndex = -1;
    if (all.length) all.at(-1).tabIndex = 0;
  }

  #focus(article) {
    for (const one of this.articles) one.tabIndex = -1;
    article.tabIndex = 0;
    article.focus({ preventScroll: false });
  }

  #listenForKeys() {
    this.log.addEventListener("keydown", (event) => {
      const article = event.target;
      if (!article.matches("article") || event.ctrlKey || event.metaKey || event.altKey) return;
      const all = this.articles,
        here = all.indexOf(article);
      const next = { ArrowUp: all[here - 1], ArrowDown: all[here + 1], Home: all[0], End: all.at(-1) }[event.key];
      if (next) this.#focus(next);
      const isTaken = next || this.acts.key(event.key, this.#views.get(article.dataset.messageId).message, article);
      if (isTaken || event.key.startsWith("Arrow")) event.preventDefault();
    });
  }
}

function isCompact(before, message, view) {
  if (!before || view.hasAbove || before.author.id !== message.author.id) return false;
  if (message.type === MessageKind.THREAD_STARTER || isEphemeral(before) !== isEphemeral(message)) return false;
  return (
    areOneDay(before.timestamp, message.timestamp) &&
    new Date(message.timestamp) - new Date(before.timestamp) < TOGETHER_MS
  );
}
