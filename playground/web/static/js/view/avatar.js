import { el } from "../dom.js";

const TONES = 8;

/** Gives someone's coloured letter; the colour follows from the name. */
export function avatar(name, size = "") {
  const sum = [...name].reduce((all, letter) => (all * 31 + letter.codePointAt(0)) >>> 0, 7);
  const letter = [...name][0]?.toUpperCase() ?? "?";
  return el("span", { class: `avatar ${size}`, data: { tone: String(sum % TONES) }, "aria-hidden": "true" }, letter);
}
