const SVG = "http://www.w3.org/2000/svg";

/**
 * Gives a new element. Of `given`, `on` holds listeners and `data` data attributes; what the element has as a
 * property is set as one, the rest as attributes. Children are nodes or text; null and false are left out.
 */
export function el(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.startsWith("aria")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function icon(name) {
  const use = svg("use", { href: `/static/icons.svg#${name}` });
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, use);
}

export function iconButton(name, label, onclick, more = {}) {
  const given = {
    type: "button",
    class: "icon-button",
    "aria-label": label,
    title: label,
    on: { click: onclick },
    ...more,
  };
  return el("button", given, icon(name));
}

/** Changes text only where it differs, so that a selection in it stays. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Puts `wanted` into `parent` in this order, moving as little as possible and dropping the rest. */
export function arrange(parent, wanted) {
  const stays = new Set(wanted);
  for (const child of [...parent.children]) if (!stays.has(child)) child.remove();
  let here = parent.firstElementChild;
  for (const child of wanted) {
    if (child === here) here = here.nextElementSibling;
    else parent.insertBefore(child, here);
  }
}

/** Runs `work` before the next frame, or soon where no frames are drawn because the page is hidden. */
export function soon(work) {
  if (document.hidden) setTimeout(work, 50);
  else requestAnimationFrame(work);
}

let ids = 0;
export const newId = (prefix) => `${prefix}-${++ids}`;
