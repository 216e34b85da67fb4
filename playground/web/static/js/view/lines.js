import { el, icon } from "../dom.js";
import { CommandKind } from "../chat/flags.js";
import { avatar } from "./avatar.js";

const SNIPPET_CHARS = 140;

/** The line above an answer to a command: who used which. */
export function usedLine({ user, name, command_type }) {
  const command = command_type === CommandKind.CHAT ? `/${name}` : name;
  return el(
    "p",
    { class: "above-line" },
    avatar(user.username, "tiny"),
    el("strong", {}, user.username),
    " used ",
    el("code", { class: "command-name" }, command),
  );
}

/** The line above a reply: a button that jumps to what is replied to. `target` is null if that was deleted. */
export function replyLine(target, acts) {
  if (!target) return el("p", { class: "above-line" }, icon("reply"), el("em", {}, "The message was deleted"));
  const jump = el(
    "button",
    { type: "button", class: "snippet", title: "Go to the message", on: { click: () => acts.jump(target.id) } },
    snippet(target, acts.name),
  );
  return el(
    "p",
    { class: "above-line" },
    avatar(target.author.username, "tiny"),
    el("strong", {}, target.author.username),
    " ",
    jump,
  );
}

function snippet({ content, attachments, embeds }, name) {
  const plain = content
    .replace(/<@!?(\d+)>/g, (_, id) => `@${name(id)}`)
    .replace(/\|\|[^|]*\|\|/g, "▮▮▮")
    .replace(/[*_`~>#]+|^-# /gm, "")
    .replace(/\s+/g, " ")
    .trim();
  if (plain) return plain.slice(0, SNIPPET_CHARS);
  return attachments?.length ? "a file" : embeds?.length ? "an embed" : "…";
}
