import { el } from "../dom.js";
import { openPopup, roam } from "./popup.js";

const PALETTE = [
  ["🛑", "stop sign"],
  ["👍", "thumbs up"],
  ["👎", "thumbs down"],
  ["❤️", "heart"],
  ["😂", "laughing"],
  ["🎉", "party"],
  ["🤔", "thinking"],
  ["👀", "eyes"],
  ["✅", "check mark"],
  ["❌", "cross"],
  ["🔁", "repeat"],
  ["🚀", "rocket"],
];

/** Opens the palette; `choose` gets the emoji. */
export function openPalette(anchor, choose) {
  const buttons = PALETTE.map(([emoji, name]) =>
    el(
      "button",
      {
        type: "button",
        role: "menuitem",
        "aria-label": name,
        title: name,
        on: {
          click: () => {
            close();
            choose({ id: null, name: emoji });
          },
        },
      },
      emoji,
    ),
  );
  const palette = el("div", { class: "palette", role: "menu", "aria-label": "Reactions" }, buttons);
  roam(palette, () => buttons);
  const close = openPopup(anchor, palette);
  buttons[0].focus();
}
