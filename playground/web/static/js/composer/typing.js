import { el, setText } from "../dom.js";

/** Says below the composer who types, and which commands wait for an answer. */
export function showTyping(place, names, pendingCommands) {
  const words = pendingCommands.length ? `Sending ${pendingCommands.join(", ")}…` : sentence(names);
  place.classList.toggle("active", Boolean(words));
  if (!place.firstChild)
    place.append(
      el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
      el("span", { class: "words" }),
    );
  setText(place.lastChild, words);
}

function sentence(names) {
  if (!names.length) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  return names.length > 3
    ? "Several people are typing…"
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are typing…`;
}
