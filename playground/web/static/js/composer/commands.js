import { CommandKind, OptionKind } from "../chat/flags.js";

const isGroup = (option) => option.type === OptionKind.SUB_COMMAND || option.type === OptionKind.SUB_COMMAND_GROUP;

/** Gives what can be typed after a slash: {name, description, options, command, path}, subcommands by full name. */
export function slashCommands(commands) {
  return commands.filter((one) => one.type === CommandKind.CHAT).flatMap((command) => leaves(command, command, []));
}

function leaves(command, level, path) {
  const below = (level.options ?? []).filter(isGroup);
  if (below.length) return below.flatMap((one) => leaves(command, one, [...path, one]));
  const name = [command, ...path].map((one) => one.name).join(" ");
  return [{ name, description: level.description, options: level.options ?? [], command, path }];
}

/** Gives the commands that fit what is typed, those that begin with it first. */
export function matching(all, typed) {
  const wanted = typed.toLowerCase();
  const begins = all.filter((one) => one.name.startsWith(wanted));
  return [...begins, ...all.filter((one) => !begins.includes(one) && one.name.includes(wanted))];
}

/** Tells which command a text uses, and what follows its name; null if it is none, or is still being typed. */
export function readSlash(all, text) {
  const used = all.filter((one) => text.startsWith(`/${one.name} `)).sort((a, b) => b.name.length - a.name.length)[0];
  return used ? { slash: used, rest: text.slice(used.name.length + 2) } : null;
}

/** Puts given options where Discord wants them: those of a subcommand within it. */
export function nested({ path }, options) {
  return path.reduceRight((inner, one) => [{ name: one.name, type: one.type, options: inner }], options);
}
