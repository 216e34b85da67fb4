import { OptionKind } from "../chat/flags.js";

const NAMES = {
  [OptionKind.STRING]: "text",
  [OptionKind.INTEGER]: "whole number",
  [OptionKind.BOOLEAN]: "yes or no",
  [OptionKind.USER]: "person",
  [OptionKind.CHANNEL]: "channel",
  [OptionKind.ROLE]: "role",
  [OptionKind.MENTIONABLE]: "person or role",
  [OptionKind.NUMBER]: "number",
};

export const kindName = (option) => NAMES[option.type] ?? "value";

/** Gives what an option can be chosen from as {name, value}; null if it is typed freely. `store` knows who is here. */
export function choicesOf(option, store, channelId) {
  if (option.choices?.length) return option.choices;
  const guild = store.guildOf(store.channels.get(channelId));
  const people = () => (guild?.members ?? []).map(({ user }) => ({ name: user.username, value: user.id }));
  const roles = () => (guild?.roles ?? []).map((role) => ({ name: role.name, value: role.id }));
  switch (option.type) {
    case OptionKind.BOOLEAN:
      return [
        { name: "True", value: true },
        { name: "False", value: false },
      ];
    case OptionKind.USER:
      return people();
    case OptionKind.ROLE:
      return roles();
    case OptionKind.MENTIONABLE:
      return [...people(), ...roles()];
    case OptionKind.CHANNEL:
      return (guild?.channels ?? []).map((one) => ({ name: `#${one.name}`, value: one.id }));
    default:
      return null;
  }
}

/** Reads what was typed: {value}, or {problem} in words. `choices` are those of the option, null if there are none. */
export function readValue(option, text, choices) {
  if (choices) {
    const chosen = choices.find((one) => one.name.toLowerCase() === text.trim().toLowerCase());
    return chosen ? { value: chosen.value } : { problem: "Choose one from the list." };
  }
  if (option.type === OptionKind.INTEGER || option.type === OptionKind.NUMBER) return readNumber(option, text);
  if (option.max_length && [...text].length > option.max_length)
    return { problem: `At most ${option.max_length} characters.` };
  if (option.min_length && [...text].length < option.min_length)
    return { problem: `At least ${option.min_length} characters.` };
  return { value: text };
}

function readNumber({ type, min_value, max_value }, text) {
  const value = Number(text);
  if (!text.trim() || Number.isNaN(value)) return { problem: "Type a number." };
  if (type === OptionKind.INTEGER && !Number.isInteger(value)) return { problem: "Type a whole number." };
  if (min_value !== undefined && value < min_value) return { problem: `At least ${min_value}.` };
  if (max_value !== undefined && value > max_value) return { problem: `At most ${max_value}.` };
  return { value };
}
