import { announce } from "./announce.js";
import { el } from "./dom.js";
import { ComponentKind, CommandKind, isEphemeral, isThread, mayManageMessages, MessageKind } from "./chat/flags.js";
import { attempt } from "./toasts.js";
import { ask, field } from "./view/dialog.js";
import { editInPlace } from "./view/editor.js";
import { openPalette } from "./view/emoji_palette.js";
import { openMenu } from "./view/popup.js";

const THREAD_NAME_CHARS = 100;

/**
 * What can be done with messages. `here` gives {person, channelId}, `page` has what acts on the page: open, reply,
 * log.
 */
export function makeActs(here, page) {
  const acts = {
    may(message) {
      const { person } = here();
      const { store } = person;
      const channel = store.channels.get(message.channel_id);
      const guild = store.guildOf(channel);
      const isMine = message.author.id === person.id;
      const isLive = !isEphemeral(message);
      const isSpoken = message.type !== MessageKind.THREAD_STARTER;
      return {
        react: isLive,
        reply: isLive && isSpoken,
        edit: isMine && isSpoken,
        thread: isLive && isSpoken && Boolean(guild) && channel && !isThread(channel) && !message.thread,
        apps: isLive,
        delete: isLive && (isMine || mayManageMessages(guild, person.id)),
      };
    },

    mentionsMe: (message) => {
      const { id } = here().person;
      return message.author.id !== id && message.mentions.some((one) => one.id === id);
    },

    name: (userId) => here().person.store.name(userId),
    click: (message, component, values) => attempt(() => here().person.interactions.click(message, component, values)),
    react: (message, emoji, isOn) => attempt(() => here().person.toggleReaction(message, emoji, isOn)),
    pickReaction: (message, anchor) => openPalette(anchor, (emoji) => acts.react(message, emoji, true)),
    reply: (message) => page.reply(message),
    jump: (id) => page.log.jump(id),
    openThread: (id) => page.open(id),
    dismiss: (message) => here().person.store.removeMessage(message.channel_id, message.id),
    finished: (message) => announce(`${message.author.username} has written: ${message.content.slice(0, 500)}`),

    edit(message) {
      const view = page.log.view(message.id);
      if (view) editInPlace(view, (text) => attempt(() => here().person.edit(message, text)));
    },

    async remove(message) {
      const what = el("blockquote", { class: "quote" }, message.content.slice(0, 200) || "…");
      const isSure = await ask({ title: "Delete this message?", content: what, confirm: "Delete", isDangerous: true });
      if (isSure) await attempt(() => here().person.delete(message));
    },

    async startThread(message) {
      const proposal = message.content
        .replace(/[#>*_`|~-]/g, "")
        .trim()
        .split("\n")[0]
        .slice(0, 60);
      const name = field("Name of the thread", { value: proposal, required: true, maxLength: THREAD_NAME_CHARS });
      const wanted = await ask({
        title: "Start a thread",
        content: name.element,
        confirm: "Create",
        read: () => name.input.value,
      });
      if (!wanted) return;
      const id = await attempt(() => here().person.startThread(message, wanted));
      if (id) page.open(id);
    },

    async apps(message, anchor) {
      const { person, channelId } = here();
      const found = await attempt(() => person.interactions.index(channelId));
      if (!found) return;
      const commands = found.commands.filter((one) => one.type === CommandKind.MESSAGE);
      openMenu(
        anchor,
        "Apps",
        commands.map((command) => ({
          label: command.name,
          hint: found.applications.get(command.application_id)?.name ?? "",
          act: () => attempt(() => person.interactions.useOnMessage(channelId, command, message.id)),
        })),
      );
    },

    /** Does what a key means on a message that has the focus; tells whether it means something. */
    key(key, message, article) {
      const may = acts.may(message);
      if (key === "r" && may.reply) acts.reply(message);
      else if (key === "e" && may.edit) acts.edit(message);
      else if (key === "t" && may.thread) acts.startThread(message);
      else if (key === "Delete" && may.delete) acts.remove(message);
      else if (key === "+" && may.react) acts.pickReaction(message, article);
      else return false;
      return true;
    },

    /** What a menu of people, roles or channels offers. */
    entities(kind) {
      const {
        person: { store },
        channelId,
      } = here();
      const guild = store.guildOf(store.channels.get(channelId));
      const people = (guild?.members ?? []).map(({ user }) => ({ label: user.username, value: user.id }));
      const roles = (guild?.roles ?? []).map((role) => ({ label: role.name, value: role.id }));
      if (kind === ComponentKind.USER_SELECT) return people;
      if (kind === ComponentKind.ROLE_SELECT) return roles;
      if (kind === ComponentKind.MENTIONABLE_SELECT) return [...people, ...roles];
      return (guild?.channels ?? []).map((one) => ({ label: `#${one.name}`, value: one.id }));
    },
  };
  return acts;
}
