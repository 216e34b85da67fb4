import { el, icon } from "../dom.js";
import { ChannelKind } from "../chat/flags.js";
import { avatar } from "./avatar.js";
import { replaceKeepingFocus } from "./focus.js";

/** The channels with their threads, and direct messages. `open` gets a channel's id, `openDm` a user's. */
export class Sidebar {
  constructor(place, { open, openDm, bot }) {
    Object.assign(this, { place, open, openDm, bot });
  }

  show(store, channelId) {
    const guildParts = [...store.guilds.values()]
      .filter((guild) => !guild.unavailable)
      .map((guild) => this.#guild(guild, store, channelId));
    replaceKeepingFocus(
      this.place,
      [...guildParts, this.#dms(store, channelId)],
      this.place.querySelector("[aria-current]"),
    );
  }

  #guild(guild, store, channelId) {
    const channels = [...store.channels.values()].filter(
      (one) => one.guild_id === guild.id && one.type === ChannelKind.TEXT,
    );
    channels.sort((a, b) => a.position - b.position);
    const items = channels.map((channel) => {
      const threads = store
        .threadsOf(channel.id)
        .map((thread) => el("li", {}, this.#link(thread, store, channelId, icon("thread"), thread.name)));
      const link = this.#link(channel, store, channelId, icon("hash"), channel.name);
      return el(
        "li",
        {},
        link,
        threads.length > 0 && el("ul", { class: "threads", "aria-label": `Threads of ${channel.name}` }, threads),
      );
    });
    return section(guild.name, items);
  }

  #dms(store, channelId) {
    const dms = [...store.channels.values()].filter((one) => one.type === ChannelKind.DM);
    const others = dms
      .map((dm) => ({ dm, other: dm.recipients.find((one) => one.id !== store.user?.id) }))
      .filter((one) => one.other);
    const items = others.map(({ dm, other }) =>
      el("li", {}, this.#link(dm, store, channelId, avatar(other.username, "tiny"), other.username)),
    );
    if (!others.some(({ other }) => other.id === this.bot.id)) items.unshift(el("li", {}, this.#newDm()));
    return section("Direct messages", items);
  }

  #newDm() {
    const given = {
      type: "button",
      class: "channel",
      data: { key: "new-dm" },
      on: { click: () => this.openDm(this.bot.id) },
    };
    return el("button", given, avatar(this.bot.name, "tiny"), el("span", { class: "name" }, this.bot.name));
  }

  #link(channel, store, channelId, sign, name) {
    const { count, mentions } = store.unread(channel.id);
    const isCurrent = channel.id === channelId;
    return el(
      "button",
      {
        type: "button",
        class: `channel${count ? " unread" : ""}`,
        "aria-current": isCurrent ? "page" : undefined,
        data: { key: channel.id, channelId: channel.id },
        on: { click: () => this.open(channel.id) },
      },
      sign,
      el("span", { class: "name" }, name),
      mentions > 0 &&
        el(
          "span",
          { class: "mentions" },
          String(mentions),
          el("span", { class: "unseen" }, mentions === 1 ? " mention" : " mentions"),
        ),
      count > 0 && el("span", { class: "unseen" }, `, ${count} unread`),
    );
  }
}

const section = (title, items) => el("section", { class: "channel-group" }, el("h2", {}, title), el("ul", {}, items));
