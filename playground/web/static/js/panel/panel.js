import { el, icon, setText } from "../dom.js";
import { Buckets } from "./buckets.js";
import { botControl, faultControls, speedControl } from "./controls.js";
import { Plot } from "./plot.js";

const POINTS = 120; // half a minute at four events a second

/** Shows what is usually invisible, from what the playground tells four times a second. */
export function showPanel(place, config) {
  const bot = botControl(config.bot.name);
  const buckets = new Buckets();
  const speed = config.model.speed ? speedControl(config.model.speed) : null;
  const faults = faultControls();
  const stats = {
    tokens_per_s: stat("tokens/s", "served by the model"),
    edits_per_s: stat("edits/s", "made by the bot"),
    streams: stat("answers", "being written"),
    http_429: stat("429s", "“too many requests”"),
  };
  const unseen = new Plot(POINTS, "Unseen text over the last half minute");
  const unseenNow = el("strong", {});
  const unseenWords = el("span", {});
  place.append(
    el(
      "header",
      { class: "panel-head" },
      el("h2", {}, icon("panel"), "What happens inside"),
      el("button", {
        type: "button",
        class: "icon-button drawer-only",
        "aria-label": "Close",
        data: { close: "panel" },
      }),
    ),
    group("Bot and model", bot.element, modelLine(config.model), ...(speed ? [speed.element] : [])),
    group(
      "Now",
      el(
        "dl",
        { class: "stats" },
        Object.values(stats).map((one) => one.element),
      ),
    ),
    group(
      "Unseen text",
      el("p", { class: "unseen-now" }, unseenNow, unseenWords),
      unseen.element,
      el(
        "p",
        { class: "explanation" },
        "What the model has written and nobody has seen yet: each edit brings it down.",
      ),
    ),
    group("Rate limits", buckets.element),
    group("Faults", faults.element),
  );

  const source = new EventSource("/web/panel");
  source.addEventListener("message", ({ data }) => show(JSON.parse(data)));
  source.addEventListener("error", () => place.classList.add("stale"));

  function show(now) {
    place.classList.remove("stale");
    bot.show(now.bot, now.bot_says);
    for (const [name, one] of Object.entries(stats)) one.show(now[name]);
    unseen.add(now.unseen_chars);
    setText(unseenNow, number(now.unseen_chars));
    setText(unseenWords, ` characters · ${number(now.served_chars)} served, ${number(now.shown_chars)} shown`);
    buckets.show(now.buckets);
    speed?.show(now.speed);
    faults.show(now.faults);
  }
}

const number = (value) => value.toLocaleString("en");

function stat(unit, words) {
  const value = el("dd", {}, "0");
  const element = el("div", { class: "stat" }, value, el("dt", {}, unit, el("small", {}, words)));
  const show = (now) => {
    setText(value, Number.isInteger(now) ? number(now) : now.toFixed(1));
    element.classList.toggle("quiet", now === 0);
  };
  return { element, show };
}

const modelLine = ({ description, name }) =>
  el("p", { class: "model" }, icon("spark"), el("span", {}, description || name));

function group(title, ...children) {
  return el("section", { class: "panel-group" }, el("h3", {}, title), children);
}
