import { isThread } from "./flags.js";
import { compareIds, localId } from "./snowflakes.js";

const TYPING_MS = 10_000;

/**
 * What one person has received: guild, channels, the newest state of each message.
 *
 * Emits "channels", "messages" with {channelId}, "message" with {channelId, message, change} where `change` is
 * "added", "changed" or "removed", "typing" with {channelId}, and "ready".
 */
export class Store extends EventTarget {
  user = null;
  guilds = new Map();
  channels = new Map();
  /** By channel: {all: Map of messages by id, isLoaded, hasMore}. */
  #histories = new Map();
  #unread = new Map();
  #typing = new Map();
  /** The channel that is looked at: nothing in it is unread. */
  shownChannelId = "";

  receive(name, data) {
    this.#takers[name]?.(data);
  }

  #takers = {
    READY: (ready) => this.#begin(ready),
    GUILD_CREATE: (guild) => this.#putGuild(guild),
    GUILD_DELETE: ({ id }) => this.#dropGuild(id),
    GUILD_ROLE_CREATE: (data) => this.#putRole(data),
    GUILD_ROLE_UPDATE: (data) => this.#putRole(data),
    GUILD_MEMBER_ADD: (data) => this.#putMember(data),
    GUILD_MEMBER_UPDATE: (data) => this.#putMember(data),
    CHANNEL_CREATE: (data) => this.putChannel(data),
    CHANNEL_UPDATE: (data) => this.putChannel(data),
    CHANNEL_DELETE: ({ id }) => this.#dropChannel(id),
    THREAD_CREATE: (data) => this.putChannel(data),
    THREAD_UPDATE: (data) => this.putChannel(data),
    THREAD_DELETE: ({ id }) => this.#dropChannel(id),
    MESSAGE_CREATE: (data) => this.#create(data),
    MESSAGE_UPDATE: (data) => this.#update(data),
    MESSAGE_DELETE: ({ channel_id, id }) => this.removeMessage(channel_id, id),
    MESSAGE_DELETE_BULK: ({ channel_id, ids }) => ids.forEach((id) => this.removeMessage(channel_id, id)),
    MESSAGE_REACTION_ADD: (data) => this.#react(data, 1),
    MESSAGE_REACTION_REMOVE: (data) => this.#react(data, -1),
    MESSAGE_REACTION_REMOVE_ALL: ({ channel_id, message_id }) =>
      this.#change(channel_id, message_id, { reactions: [] }),
    TYPING_START: (data) => this.#type(data),
  };

  // Guild and channels

  #begin(ready) {
    this.user = ready.user;
    this.guilds = new Map();
    this.channels = new Map(ready.private_channels.map((channel) => [channel.id, channel]));
    this.#histories.clear();
    this.#tell("ready");
    this.#tell("channels");
  }

  #putGuild(guild) {
    this.guilds.set(guild.id, guild);
    for (const channel of [...guild.channels, ...guild.threads])
      this.channels.set(channel.id, { ...channel, guild_id: guild.id });
    this.#tell("channels");
  }

  #dropGuild(id) {
    this.guilds.delete(id);
    for (const channel of [...this.channels.values()]) if (channel.guild_id === id) this.channels.delete(channel.id);
    this.#tell("channels");
  }

  #putRole({ guild_id, role }) {
    const guild = this.guilds.get(guild_id);
    if (guild) guild.roles = [...guild.roles.filter((one) => one.id !== role.id), role];
  }

  #putMember({ guild_id, ...member }) {
    const guild = this.guilds.get(guild_id);
    if (guild) guild.members = [...guild.members.filter((one) => one.user.id !== member.user.id), member];
  }

  putChannel(channel) {
    this.channels.set(channel.id, { ...this.channels.get(channel.id), ...channel });
    this.#tell("channels");
  }

  #dropChannel(id) {
    this.channels.delete(id);
    this.#histories.delete(id);
    this.#tell("channels");
  }

  guildOf(channel) {
    return this.guilds.get(channel?.guild_id);
  }

  threadsOf(channelId) {
    const threads = [...this.channels.values()].filter((one) => isThread(one) && one.parent_id === channelId);
    return threads.filter((one) => !one.thread_metadata?.archived).sort((a, b) => compareIds(a.id, b.id));
  }

  // Messages

  history(channelId) {
    if (!this.#histories.has(channelId))
      this.#histories.set(channelId, { all: new Map(), isLoaded: false, hasMore: false });
    return this.#histories.get(channelId);
  }

  messages(channelId) {
    return [...this.history(channelId).all.values()].sort((a, b) => compareIds(a.id, b.id));
  }

  message(channelId, id) {
    return this.history(channelId).all.get(id);
  }

  /** Adds what REST gave. What the gateway has told meanwhile is newer, but does not say which reactions are mine. */
  addHistory(channelId, messages, hasMore) {
    const history = this.history(channelId);
    for (const message of messages) {
      const known = history.all.get(message.id);
      history.all.set(message.id, known ? { ...known, reactions: message.reactions } : message);
    }
    Object.assign(history, { isLoaded: true, hasMore });
    this.#tell("messages", { channelId });
  }

  #create(message) {
    this.#typing.get(message.channel_id)?.delete(message.author.id);
    this.#put(message);
    const isMine = message.author.id === this.user.id || message.interaction_metadata?.user.id === this.user.id;
    if (message.channel_id !== this.shownChannelId && !isMine) this.#countUnread(message);
    this.#tell("typing", { channelId: message.channel_id });
  }

  #update(message) {
    const history = this.history(message.channel_id);
    const oldest = history.isLoaded && history.all.size ? this.messages(message.channel_id)[0].id : "";
    if (compareIds(message.id, oldest) >= 0) this.#put(message);
  }

  #put(message) {
    const { all } = this.history(message.channel_id);
    const known = all.get(message.id);
    // An event is for everyone: it does not say which reactions are mine.
    const newest = known ? { ...known, ...message, reactions: known.reactions } : message;
    all.set(message.id, newest);
    this.#tellMessage(newest, known ? "changed" : "added");
  }

  /** Shows something that the server does not know of, such as that a command failed. */
  addLocal(channelId, fields) {
    this.#put({
      id: localId(),
      channel_id: channelId,
      type: 0,
      content: "",
      flags: 0,
      timestamp: new Date().toISOString(),
      embeds: [],
      components: [],
      attachments: [],
      mentions: [],
      isLocal: true,
      ...fields,
    });
  }

  removeMessage(channelId, id) {
    const { all } = this.history(channelId);
    const message = all.get(id);
    if (!message) return;
    all.delete(id);
    this.#tellMessage(message, "removed");
  }

  #change(channelId, id, fields) {
    const { all } = this.history(channelId);
    const message = all.get(id);
    if (!message) return;
    const changed = { ...message, ...fields };
    all.set(id, changed);
    this.#tellMessage(changed, "changed");
  }

  /** Says under a message that a click on it came to nothing; an empty sentence takes that back. */
  noteFailure(channelId, id, failure) {
    this.#change(channelId, id, { failure });
  }

  #react({ channel_id, message_id, user_id, emoji }, by) {
    const message = this.message(channel_id, message_id);
    if (!message) return;
    const isSame = (one) => one.emoji.name === emoji.name && one.emoji.id === emoji.id;
    const reactions = message.reactions ?? [];
    const known = reactions.find(isSame) ?? { emoji, count: 0, me: false };
    const changed = { ...known, count: known.count + by, me: user_id === this.user.id ? by > 0 : known.me };
    const others = reactions.some(isSame)
      ? reactions.map((one) => (isSame(one) ? changed : one))
      : [...reactions, changed];
    this.#change(channel_id, message_id, { reactions: others.filter((one) => one.count > 0) });
  }

  // Unread and typing

  #countUnread(message) {
    const known = this.#unread.get(message.channel_id) ?? { count: 0, mentions: 0 };
    const mentions = known.mentions + Number(message.mentions.some((one) => one.id === this.user.id));
    this.#unread.set(message.channel_id, { count: known.count + 1, mentions });
    this.#tell("channels");
  }

  unread(channelId) {
    return this.#unread.get(channelId) ?? { count: 0, mentions: 0 };
  }

  show(channelId) {
    this.shownChannelId = channelId;
    this.#unread.delete(channelId);
    this.#tell("channels");
  }

  #type({ channel_id, user_id }) {
    if (user_id === this.user.id) return;
    const here = this.#typing.get(channel_id) ?? this.#typing.set(channel_id, new Map()).get(channel_id);
    const until = Date.now() + TYPING_MS;
    here.set(user_id, until);
    this.#tell("typing", { channelId: channel_id });
    setTimeout(() => {
      if (here.get(user_id) === until && here.delete(user_id)) this.#tell("typing", { channelId: channel_id });
    }, TYPING_MS);
  }

  /** Gives the names of those who type in a channel. */
  typing(channelId) {
    return [...(this.#typing.get(channelId)?.keys() ?? [])].map((id) => this.name(id));
  }

  name(userId) {
    for (const guild of this.guilds.values()) {
      const member = guild.members.find((one) => one.user.id === userId);
      if (member) return member.user.username;
    }
    return userId === this.user?.id ? this.user.username : "someone";
  }

  #tellMessage(message, change) {
    this.#tell("message", { channelId: message.channel_id, message, change });
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
