import { announce } from "../announce.js";
import { el, icon } from "../dom.js";
import { ADDED } from "./morph.js";

/** Makes what the server rendered work: spoilers open, code can be copied, links leave the page in another tab. */
export function enliven(root) {
  for (const spoiler of root.querySelectorAll(".spoiler:not([data-open])")) {
    spoiler.tabIndex = 0;
    spoiler.setAttribute("aria-expanded", "false");
    spoiler.setAttribute("aria-label", "Spoiler, hidden");
  }
  for (const pre of root.querySelectorAll("pre")) {
    if (pre.parentElement.closest("pre")) continue;
    const code = pre.querySelector("code");
    if (code && code.scrollWidth > code.clientWidth) code.tabIndex = 0; // so that the arrow keys scroll it
    if (!pre.querySelector(`:scope > [${ADDED}]`)) pre.append(copyButton(pre));
  }
  for (const link of root.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
}

function copyButton(pre) {
  const button = el(
    "button",
    { type: "button", class: "copy", "aria-label": "Copy the code", [ADDED]: "" },
    icon("copy"),
  );
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(pre.querySelector("code")?.textContent ?? "");
    button.replaceChildren(icon("check"));
    announce("Copied");
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  });
  return button;
}

/** Opens spoilers within `root` by mouse and keyboard. */
export function listenForSpoilers(root) {
  root.addEventListener("click", (event) => open(event, event.target.closest(".spoiler:not([data-open])")));
  root.addEventListener("keydown", (event) => {
    const isSpoiler = event.target.matches(".spoiler:not([data-open])");
    if (isSpoiler && (event.key === "Enter" || event.key === " ")) open(event, event.target);
  });
}

function open(event, spoiler) {
  if (!spoiler) return;
  event.preventDefault();
  spoiler.dataset.open = "";
  spoiler.setAttribute("aria-expanded", "true");
  spoiler.removeAttribute("aria-label");
}
