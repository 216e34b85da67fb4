/** Discord's numbers, as far as this page needs them. */

export const MessageFlag = { SUPPRESS_EMBEDS: 1 << 2, EPHEMERAL: 1 << 6, LOADING: 1 << 7, COMPONENTS_V2: 1 << 15 };
export const MessageKind = { DEFAULT: 0, REPLY: 19, COMMAND: 20, THREAD_STARTER: 21, CONTEXT_COMMAND: 23 };
export const ChannelKind = { TEXT: 0, DM: 1, PUBLIC_THREAD: 11, PRIVATE_THREAD: 12 };
export const InteractionKind = { COMMAND: 2, COMPONENT: 3, AUTOCOMPLETE: 4, MODAL: 5 };
export const CommandKind = { CHAT: 1, USER: 2, MESSAGE: 3 };
export const OptionKind = {
  SUB_COMMAND: 1,
  SUB_COMMAND_GROUP: 2,
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
};
export const ComponentKind = {
  ROW: 1,
  BUTTON: 2,
  SELECT: 3,
  TEXT_INPUT: 4,
  USER_SELECT: 5,
  ROLE_SELECT: 6,
  MENTIONABLE_SELECT: 7,
  CHANNEL_SELECT: 8,
  SECTION: 9,
  TEXT: 10,
  SEPARATOR: 14,
  CONTAINER: 17,
  LABEL: 18,
};

const ADMINISTRATOR = 1n << 3n;
const MANAGE_MESSAGES = 1n << 13n;

export const isThread = (channel) =>
  channel.type === ChannelKind.PUBLIC_THREAD || channel.type === ChannelKind.PRIVATE_THREAD;
export const isEphemeral = (message) => Boolean(message.flags & MessageFlag.EPHEMERAL);
export const isLoading = (message) => Boolean(message.flags & MessageFlag.LOADING);

/** Tells whether a member of the guild may delete the messages of others. */
export function mayManageMessages(guild, userId) {
  if (!guild) return false;
  if (guild.owner_id === userId) return true;
  const member = guild.members.find((one) => one.user.id === userId);
  const roles = new Set([guild.id, ...(member?.roles ?? [])]);
  const bits = guild.roles
    .filter((role) => roles.has(role.id))
    .reduce((all, role) => all | BigInt(role.permissions), 0n);
  return Boolean(bits & (ADMINISTRATOR | MANAGE_MESSAGES));
}
