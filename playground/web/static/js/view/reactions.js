import { el, icon } from "../dom.js";

export function reactions(list, message, acts) {
  if (!list.length) return [];
  const add = el(
    "button",
    {
      type: "button",
      class: "reaction add",
      "aria-label": "Add a reaction",
      title: "Add a reaction",
      data: { key: "add" },
      on: { click: (event) => acts.pickReaction(message, event.currentTarget) },
    },
    icon("react"),
  );
  return [...list.map((one) => pill(one, message, acts)), add];
}

function pill({ emoji, count, me }, message, acts) {
  const words = `${emoji.name}, ${count} ${count === 1 ? "reaction" : "reactions"}${me ? ", yours included" : ""}`;
  return el(
    "button",
    {
      type: "button",
      class: "reaction",
      "aria-pressed": String(me),
      "aria-label": words,
      data: { key: `emoji-${emoji.name}` },
      on: { click: () => acts.react(message, emoji, !me) },
    },
    el("span", { class: "emoji" }, emoji.name),
    el("span", { class: "count" }, String(count)),
  );
}
