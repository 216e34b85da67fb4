import { Gateway } from "./gateway.js";
import { Interactions } from "./interactions.js";
import { Rest } from "./rest.js";
import { Store } from "./store.js";

const PAGE = 50;
const TYPING_EVERY_MS = 8000;

/** One of the people that one can be: who they are, what they have received, what they can do. */
export class Person {
  #typedAt = 0;
  #loading = new Map();

  constructor({ name, id, token, moderator }) {
    Object.assign(this, { name, id, moderator });
    this.rest = new Rest(token);
    this.gateway = new Gateway(token);
    this.store = new Store();
    this.interactions = new Interactions(this.rest, this.gateway, this.store);
    this.state = "down";
    this.gateway.addEventListener("dispatch", ({ detail }) => this.#receive(detail));
    this.gateway.addEventListener("state", ({ detail }) => (this.state = detail));
    this.gateway.connect();
  }

  #receive({ name, data }) {
    // Another playground has taken the place of the one that this page was made by: its ids are others.
    if (name === "READY" && data.user.id !== this.id) location.reload();
    this.store.receive(name, data);
  }

  /** Loads the newest messages of a channel unless they are there. */
  loadHistory(channelId) {
    if (this.store.history(channelId).isLoaded) return Promise.resolve();
    return this.#once(channelId, () => this.#load(channelId, ""));
  }

  loadOlder(channelId) {
    const oldest = this.store.messages(channelId)[0];
    if (!oldest || !this.store.history(channelId).hasMore) return Promise.resolve();
    return this.#once(channelId, () => this.#load(channelId, `&before=${oldest.id}`));
  }

  async #load(channelId, where) {
    const messages = await this.rest.get(`/channels/${channelId}/messages?limit=${PAGE}${where}`);
    this.store.addHistory(channelId, messages, messages.length === PAGE);
  }

  #once(channelId, load) {
    if (!this.#loading.has(channelId)) {
      this.#loading.set(
        channelId,
        load().finally(() => this.#loading.delete(channelId)),
      );
    }
    return this.#loading.get(channelId);
  }

  say(channelId, content, replyTo = null, ping = true) {
    const body = { content, nonce: String(Date.now()) };
    if (replyTo) {
      body.message_reference = { message_id: replyTo, channel_id: channelId };
      body.allowed_mentions = { parse: ["users", "roles", "everyone"], replied_user: ping };
    }
    this.#typedAt = 0;
    return this.rest.post(`/channels/${channelId}/messages`, body);
  }

  edit = (message, content) => this.rest.patch(pathOf(message), { content });
  delete = (message) => this.rest.delete(pathOf(message));

  toggleReaction(message, emoji, isOn) {
    const key = emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name;
    const path = `${pathOf(message)}/reactions/${encodeURIComponent(key)}/@me`;
    return isOn ? this.rest.put(path) : this.rest.delete(path);
  }

  async startThread(message, name) {
    const thread = await this.rest.post(`${pathOf(message)}/threads`, { name });
    this.store.putChannel(thread);
    return thread.id;
  }

  async openDm(userId) {
    const channel = await this.rest.post("/users/@me/channels", { recipient_id: userId });
    this.store.putChannel(channel);
    return channel.id;
  }

  /** Tells others that this person types; at most every few seconds. */
  type(channelId) {
    if (Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.rest.post(`/channels/${channelId}/typing`).catch(() => {});
  }
}

const pathOf = (message) => `/channels/${message.channel_id}/messages/${message.id}`;
