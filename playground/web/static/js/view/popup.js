import { el, newId } from "../dom.js";

const GAP = 6,
  EDGE = 8;

/**
 * Opens `content` beside `anchor`, over everything. A click elsewhere or Escape closes it, and the focus goes back to
 * where it was. Gives a function that closes it.
 */
export function openPopup(anchor, content, { onClose } = {}) {
  const back = document.activeElement;
  const popup = el("div", { class: "popup", popover: "auto", id: newId("popup") }, content);
  document.body.append(popup);
  popup.showPopover();
  place(popup, anchor);
  popup.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    if (popup.contains(document.activeElement) || document.activeElement === document.body)
      back?.focus({ preventScroll: true });
    popup.remove();
    onClose?.();
  });
  return () => popup.isConnected && popup.hidePopover();
}

function place(popup, anchor) {
  const at = anchor.getBoundingClientRect();
  const { width, height } = popup.getBoundingClientRect();
  const fitsBelow = at.bottom + GAP + height <= innerHeight - EDGE;
  const top = fitsBelow ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height);
  const left = Math.min(Math.max(EDGE, at.right - width), innerWidth - width - EDGE);
  popup.style.top = `${top}px`;
  popup.style.left = `${Math.max(EDGE, left)}px`;
}

/** Lets arrow keys move the focus among `items`, and Home and End to the first and last. */
export function roam(container, items) {
  container.addEventListener("keydown", (event) => {
    const all = items().filter((one) => !one.disabled);
    const here = all.indexOf(document.activeElement);
    const to = {
      ArrowDown: here + 1,
      ArrowRight: here + 1,
      ArrowUp: here - 1,
      ArrowLeft: here - 1,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to === undefined || !all.length) return;
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  });
}

/** Opens a menu of {label, icon, act, isDangerous}; `act` is called after it has closed. */
export function openMenu(anchor, label, items) {
  const buttons = items.map((item) =>
    el(
      "button",
      {
        type: "button",
        role: "menuitem",
        class: item.isDangerous ? "dangerous" : "",
        on: {
          click: () => {
            close();
            item.act();
          },
        },
      },
      item.icon,
      el("span", {}, item.label),
      item.hint && el("small", {}, item.hint),
    ),
  );
  const menu = el(
    "div",
    { class: "menu", role: "menu", "aria-label": label },
    buttons.length ? buttons : el("p", { class: "nothing" }, "Nothing here."),
  );
  roam(menu, () => buttons);
  const close = openPopup(anchor, menu);
  buttons[0]?.focus();
}
