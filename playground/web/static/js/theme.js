import { icon } from "./dom.js";

const system = matchMedia("(prefers-color-scheme: dark)");

/** Makes `button` switch between light and dark. Until it is used, the page follows the system. */
export function followTheme(button) {
  const root = document.documentElement;

  function show(theme) {
    root.dataset.theme = theme;
    const other = theme === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `Switch to the ${other} theme`);
    button.title = `Switch to the ${other} theme`;
    button.replaceChildren(icon(other === "light" ? "sun" : "moon"));
  }

  button.addEventListener("click", () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", theme);
    show(theme);
  });
  system.addEventListener("change", () => {
    if (!localStorage.getItem("theme")) show(system.matches ? "dark" : "light");
  });
  show(root.dataset.theme);
}
