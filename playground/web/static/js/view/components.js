import { el, icon } from "../dom.js";
import { ComponentKind } from "../chat/flags.js";
import { rendered } from "./embeds.js";
import { selectMenu } from "./select_menu.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

/** Gives a message's components as elements; what this page does not know is left out. */
export const components = (list, message, acts) => list.map((one) => component(one, message, acts)).filter(Boolean);

function component(one, message, acts) {
  switch (one.type) {
    case ComponentKind.ROW:
      return el(
        "div",
        { class: "row", role: "group", "aria-label": "Actions" },
        components(one.components, message, acts),
      );
    case ComponentKind.BUTTON:
      return one.style === 5 ? linkButton(one) : button(one, message, acts);
    case ComponentKind.SELECT:
    case ComponentKind.USER_SELECT:
    case ComponentKind.ROLE_SELECT:
    case ComponentKind.MENTIONABLE_SELECT:
    case ComponentKind.CHANNEL_SELECT:
      return selectMenu({ ...one, options: one.options ?? acts.entities(one.type) }, (values) =>
        acts.click(message, one, values),
      );
    case ComponentKind.TEXT:
      return rendered("", one.content);
    case ComponentKind.SEPARATOR:
      return el("hr");
    case ComponentKind.SECTION:
      return el(
        "div",
        { class: "section" },
        el("div", {}, components(one.components, message, acts)),
        one.accessory && component(one.accessory, message, acts),
      );
    case ComponentKind.CONTAINER:
      return el("div", { class: "container" }, components(one.components, message, acts));
    default:
      return null;
  }
}

function face({ emoji, label }) {
  return [
    emoji?.name && el("span", { class: "emoji", "aria-hidden": label ? "true" : undefined }, emoji.name),
    label && el("span", {}, label),
  ];
}

function button(one, message, acts) {
  const press = async () => {
    element.setAttribute("aria-busy", "true");
    await acts.click(message, one);
    element.removeAttribute("aria-busy");
  };
  const given = {
    type: "button",
    class: `button ${STYLES[one.style] ?? "secondary"}`,
    disabled: Boolean(one.disabled),
    data: { key: one.custom_id },
    on: { click: press },
  };
  const element = el("button", given, face(one));
  return element;
}

function linkButton(one) {
  if (!/^https?:\/\//.test(one.url ?? "")) return null;
  return el(
    "a",
    { class: "button secondary", href: one.url, target: "_blank", rel: "noopener noreferrer" },
    face(one),
    icon("link"),
  );
}
