import { el, icon, newId } from "../dom.js";
import { openPopup, roam } from "./popup.js";

/** A select menu of a message. `choose` gets the values: at once if one is wanted, on closing if several are. */
export function selectMenu({ custom_id, placeholder, options, min_values = 1, max_values = 1, disabled }, choose) {
  const label = placeholder ?? "Make a selection";
  const chosen = new Set(options.filter((one) => one.default).map((one) => one.value));
  const shown = el("span", { class: chosen.size ? "" : "placeholder" }, words(options, chosen) || label);
  const button = el(
    "button",
    {
      type: "button",
      class: "select",
      disabled: Boolean(disabled),
      "aria-haspopup": "listbox",
      "aria-label": label,
      data: { key: custom_id },
      on: { click: () => open() },
    },
    shown,
    icon("down"),
  );

  async function send() {
    shown.textContent = words(options, chosen) || label;
    shown.className = chosen.size ? "" : "placeholder";
    button.setAttribute("aria-busy", "true");
    await choose([...chosen]);
    button.removeAttribute("aria-busy");
  }

  function open() {
    const isMany = max_values > 1;
    const before = words(options, chosen);
    const items = options.map((one) => item(one, chosen, isMany, pick));
    const list = el(
      "div",
      {
        class: "listbox",
        role: "listbox",
        id: newId("listbox"),
        "aria-label": label,
        "aria-multiselectable": String(isMany),
      },
      items,
    );
    roam(list, () => items);
    const isEnough = () => chosen.size >= min_values && chosen.size <= max_values;
    const close = openPopup(button, list, {
      onClose: () => isMany && isEnough() && words(options, chosen) !== before && send(),
    });
    (items.find((one) => one.getAttribute("aria-selected") === "true") ?? items[0])?.focus();

    function pick(value, element) {
      if (!isMany) {
        chosen.clear();
        chosen.add(value);
        close();
        send();
      } else if (chosen.has(value) || chosen.size < max_values) {
        if (!chosen.delete(value)) chosen.add(value);
        element.setAttribute("aria-selected", String(chosen.has(value)));
      }
    }
  }

  return button;
}

const words = (options, chosen) =>
  options
    .filter((one) => chosen.has(one.value))
    .map((one) => one.label)
    .join(", ");

function item({ label, value, description, emoji }, chosen, isMany, pick) {
  const element = el(
    "button",
    {
      type: "button",
      role: "option",
      "aria-selected": String(chosen.has(value)),
      on: { click: () => pick(value, element) },
    },
    isMany && el("span", { class: "tick", "aria-hidden": "true" }),
    emoji?.name && el("span", { class: "emoji" }, emoji.name),
    el("span", { class: "option-words" }, label, description && el("small", {}, description)),
  );
  return element;
}
