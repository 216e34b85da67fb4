import { icon } from "../dom.js";

const SIDEBAR_FITS = matchMedia("(min-width: 760px)");
const PANEL_FITS = matchMedia("(min-width: 1100px)");

/**
 * The columns at the sides. Where there is room for one it stands beside the chat (the panel can be folded away);
 * else it is a drawer over it: what is behind cannot be reached meanwhile, and Escape or a click beside it closes it.
 */
export function openDrawers({ sidebar, panel, openSidebar, togglePanel, scrim, chat }) {
  const drawers = {
    sidebar: { element: sidebar, button: openSidebar, fits: SIDEBAR_FITS, isOpen: false },
    panel: { element: panel, button: togglePanel, fits: PANEL_FITS, isOpen: false },
  };

  function show() {
    const isFolded = localStorage.getItem("panel") === "folded";
    let over = null;
    for (const [name, drawer] of Object.entries(drawers)) {
      const { element, button, fits, isOpen } = drawer;
      const isThere = fits.matches ? !(name === "panel" && isFolded) : isOpen;
      element.classList.toggle("open", isThere);
      element.inert = !isThere;
      button.setAttribute("aria-expanded", String(isThere));
      if (isThere && !fits.matches) over = drawer;
    }
    document.getElementById("app").classList.toggle("panel-folded", isFolded);
    scrim.hidden = !over;
    chat.inert = Boolean(over);
  }

  function set(name, isOpen) {
    const drawer = drawers[name];
    if (drawer.fits.matches) {
      if (name === "panel") localStorage.setItem("panel", isOpen ? "open" : "folded");
    } else drawer.isOpen = isOpen;
    show();
    if (drawer.fits.matches) return;
    if (isOpen) drawer.element.querySelector("button, input, [tabindex]")?.focus();
    else drawer.button.focus();
  }

  const closeAll = () => Object.entries(drawers).forEach(([name, one]) => one.isOpen && set(name, false));
  openSidebar.append(icon("menu"));
  togglePanel.append(icon("panel"));
  openSidebar.addEventListener("click", () => set("sidebar", true));
  togglePanel.addEventListener("click", () => set("panel", togglePanel.getAttribute("aria-expanded") !== "true"));
  for (const button of document.querySelectorAll("[data-close]")) {
    button.append(icon("close"));
    button.addEventListener("click", () => set(button.dataset.close, false));
  }
  scrim.addEventListener("click", closeAll);
  document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && closeAll());
  SIDEBAR_FITS.addEventListener("change", show);
  PANEL_FITS.addEventListener("change", show);
  show();
  return { closeAll };
}
