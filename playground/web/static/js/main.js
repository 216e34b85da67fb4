import { makeActs } from "./acts.js";
import { ChannelKind, isThread } from "./chat/flags.js";
import { Person } from "./chat/person.js";
import { Composer } from "./composer/composer.js";
import { showTyping } from "./composer/typing.js";
import { setText } from "./dom.js";
import { showPanel } from "./panel/panel.js";
import { followTheme } from "./theme.js";
import { attempt } from "./toasts.js";
import { openDrawers } from "./view/drawers.js";
import { Log } from "./view/log.js";
import { showModal } from "./view/modal.js";
import { showPeople } from "./view/people.js";
import { Sidebar } from "./view/sidebar.js";
import { showWelcome } from "./view/welcome.js";

const place = (id) => document.getElementById(id);
const SIGNS = { channel: "#", thread: "", dm: "@" };
const STATES = { connecting: "Connecting…", down: "Reconnecting…", up: "" };

class Page {
  #people = new Map();
  #person = null;
  #channelId = "";

  constructor(config) {
    this.config = config;
    showPanel(place("panel"), config);
    this.drawers = openDrawers({
      sidebar: place("sidebar"),
      panel: place("panel"),
      openSidebar: place("open-sidebar"),
      togglePanel: place("toggle-panel"),
      scrim: place("scrim"),
      chat: document.querySelector("main"),
    });
    followTheme(place("theme"));
    const acts = makeActs(() => ({ person: this.#person, channelId: this.#channelId }), this);
    this.log = new Log(
      { scroller: place("scroller"), log: place("log"), welcome: place("welcome"), newest: place("newest") },
      acts,
    );
    this.composer = new Composer(place("composer"), { editLast: () => this.#editLast(acts) });
    place("skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.composer.focus();
    });
    this.sidebar = new Sidebar(place("channels"), {
      bot: config.bot,
      open: (id) => this.#choose(id),
      openDm: async (userId) => {
        const id = await attempt(() => this.#person.openDm(userId));
        if (id) this.#choose(id);
      },
    });
    const name = sessionStorage.getItem("person") ?? config.users[0].name;
    const known = config.users.some((one) => one.name === name) ? name : config.users[0].name;
    showPeople(place("people"), config.users, known, (wanted) => this.become(wanted));
    this.#channelId = sessionStorage.getItem("channel") ?? config.first_channel_id;
    this.become(known);
  }

  /** Turns into one of the people; who one was stays connected, so that nothing meant for them is missed. */
  become(name) {
    sessionStorage.setItem("person", name);
    const isNew = !this.#people.has(name);
    if (isNew) this.#people.set(name, this.#connect(name));
    const before = this.#person;
    this.#person = this.#people.get(name);
    before?.store.show("");
    this.#showState();
    if (!isNew) this.#openWhatIsThere();
  }

  /** Shows the channel of before, or the first if this person does not see it or it is gone. */
  #openWhatIsThere() {
    const isThere = this.#person.store.channels.has(this.#channelId);
    this.open(isThere ? this.#channelId : this.config.first_channel_id);
  }

  #connect(name) {
    const person = new Person(this.config.users.find((one) => one.name === name));
    const isCurrent = () => person === this.#person;
    person.store.addEventListener("channels", () => isCurrent() && this.#channelsChanged(person.store));
    person.gateway.addEventListener("state", () => isCurrent() && this.#showState());
    const typing = () =>
      isCurrent() &&
      showTyping(this.composer.typing, person.store.typing(this.#channelId), person.interactions.pendingCommands);
    person.store.addEventListener("typing", typing);
    person.interactions.addEventListener("pending", typing);
    person.interactions.addEventListener("modal", ({ detail }) => isCurrent() && this.#answerModal(person, detail));
    return person;
  }

  #channelsChanged(store) {
    const hasGuild = store.channels.has(this.config.first_channel_id);
    const isPlaced = store.channels.has(store.shownChannelId);
    if (hasGuild && !isPlaced) this.#openWhatIsThere();
    else this.sidebar.show(store, this.#channelId);
  }

  async #answerModal(person, modal) {
    const components = await showModal(modal);
    if (components) await attempt(() => person.interactions.submit(modal, components));
  }

  #choose(channelId) {
    this.drawers.closeAll();
    this.open(channelId);
    this.composer.focus();
  }

  /** Shows a channel, thread or direct messages. */
  open(channelId) {
    const { store, interactions, id } = this.#person;
    const channel = store.channels.get(channelId);
    const kind = channel.type === ChannelKind.DM ? "dm" : isThread(channel) ? "thread" : "channel";
    const name = kind === "dm" ? channel.recipients.find((one) => one.id !== id)?.username : channel.name;
    const fullName = `${SIGNS[kind]}${name}`;
    this.#channelId = channelId;
    sessionStorage.setItem("channel", channelId);
    store.show(channelId);
    this.#showHead(channel, kind, name);
    document.title = `${fullName} · Patter playground`;
    showWelcome(place("welcome"), {
      name,
      kind,
      suggestions: channelId === this.config.first_channel_id ? this.config.suggestions : [],
      model: this.config.model,
      askSuggestion: (text) => this.#askSuggestion(text),
    });
    this.composer.show(this.#person, channelId, fullName);
    showTyping(this.composer.typing, store.typing(channelId), interactions.pendingCommands);
    attempt(() => this.log.show(this.#person, channelId));
  }

  #showHead(channel, kind, name) {
    setText(place("channel-name"), name);
    place("channel-name").dataset.kind = kind;
    setText(place("channel-topic"), this.#topic(channel));
  }

  #topic(channel) {
    if (isThread(channel)) return `Thread in #${this.#person.store.channels.get(channel.parent_id)?.name ?? ""}`;
    if (channel.type === ChannelKind.DM) return "Direct messages";
    return channel.id === this.config.first_channel_id ? `/ask is answered by ${this.config.model.description}` : "";
  }

  reply(message) {
    this.composer.reply(message);
  }

  #askSuggestion(text) {
    const { interactions } = this.#person;
    return attempt(async () => {
      const { commands } = await interactions.index(this.#channelId);
      const command = commands.find((one) => one.name === "ask");
      if (!command) throw new Error("The bot has not registered /ask yet. Try again in a moment.");
      this.log.follow.toEnd();
      await interactions.use(this.#channelId, command, [{ name: "prompt", type: 3, value: text }]);
    });
  }

  #editLast(acts) {
    const mine = this.#person.store
      .messages(this.#channelId)
      .filter((one) => one.author.id === this.#person.id && acts.may(one).edit);
    if (mine.length) acts.edit(mine.at(-1));
  }

  #showState() {
    const { state } = this.#person;
    setText(place("connection"), STATES[state] ?? "");
    place("connection").dataset.state = state;
  }
}

async function begin() {
  const response = await fetch("/web/config");
  if (!response.ok) throw new Error(`The playground answered ${response.status}.`);
  new Page(await response.json());
}

attempt(begin);
