import { el, icon } from "../dom.js";
import { avatar } from "./avatar.js";

/** The beginning of a channel; `kind` is "channel", "thread" or "dm". With suggestions, those can be clicked. */
export function showWelcome(place, { name, kind, suggestions, model, askSuggestion }) {
  const parts = [
    sign(kind, name),
    el("h2", {}, kind === "channel" ? `Welcome to #${name}` : name),
    el("p", {}, suggestions.length ? invitation(model) : beginning(kind, name)),
  ];
  if (suggestions.length) {
    const cards = suggestions.map((text) => card(text, askSuggestion));
    parts.push(el("div", { class: "suggestions", role: "group", "aria-label": "Suggestions" }, cards));
  }
  place.replaceChildren(...parts);
}

function sign(kind, name) {
  if (kind === "dm") return avatar(name, "large");
  return el("span", { class: "welcome-sign" }, icon(kind === "thread" ? "thread" : "hash"));
}

const invitation = (model) =>
  `Ask ${model.description || model.name} something and watch the answer being written, ` +
  "as fast as Discord's rate limits allow. Type / for all commands, or begin with one of these:";

function beginning(kind, name) {
  if (kind === "dm") return `This is the beginning of your conversation with ${name}.`;
  return kind === "thread" ? "This is the beginning of the thread." : "This is the beginning of the channel.";
}

function card(text, ask) {
  const given = { type: "button", class: "suggestion", on: { click: () => ask(text) } };
  return el("button", given, el("code", {}, "/ask"), el("span", {}, text), icon("send"));
}
