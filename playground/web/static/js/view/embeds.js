import { el } from "../dom.js";
import { when } from "../times.js";
import { markup } from "./markup.js";
import { enliven } from "./rendered.js";

export const embeds = (list) => list.map(embed);

function embed(one) {
  const box = el(
    "div",
    { class: "embed", role: "group", "aria-label": one.title ?? "Embed" },
    one.author?.name && el("p", { class: "embed-author" }, one.author.name),
    one.title && el("p", { class: "embed-title" }, title(one)),
    one.description && rendered("embed-description", one.description),
    one.fields?.length && el("dl", { class: "embed-fields" }, one.fields.map(field)),
    footer(one),
  );
  if (Number.isInteger(one.color)) box.style.setProperty("--embed", `#${one.color.toString(16).padStart(6, "0")}`);
  return box;
}

function title({ title: text, url }) {
  const isWeb = url && /^https?:\/\//.test(url);
  return isWeb ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text) : text;
}

function field({ name, value, inline }) {
  return el("div", { class: inline ? "inline" : "" }, el("dt", {}, name), rendered("", value, "dd"));
}

function footer({ footer: foot, timestamp }) {
  const words = [foot?.text, timestamp && when(timestamp)].filter(Boolean);
  return words.length > 0 && el("p", { class: "embed-footer" }, words.join(" · "));
}

/** Gives an element that will show `text` as Markdown. */
export function rendered(className, text, tag = "div") {
  const place = el(tag, { class: `markup ${className}` });
  markup.show(place, text).then(() => enliven(place));
  return place;
}
