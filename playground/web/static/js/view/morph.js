/** Marks what this page added to rendered text; rendering again leaves it where it is. */
export const ADDED = "data-added";

const OWN = new Set(["data-open", "aria-expanded", "aria-label"]);

/**
 * Makes the content of `element` what `html` says, changing only what differs: growing text is appended to the text
 * node that is there, so a selection, an open spoiler and a scrolled code block stay as they are.
 */
export function morph(element, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  morphChildren(element, template.content);
}

function morphChildren(old, wanted) {
  let here = skipAdded(old.firstChild);
  for (const next of [...wanted.childNodes]) {
    if (here && isSameKind(here, next)) {
      morphNode(here, next);
      here = skipAdded(here.nextSibling);
    } else {
      old.insertBefore(next, here);
    }
  }
  while (here) {
    const after = skipAdded(here.nextSibling);
    here.remove();
    here = after;
  }
}

function skipAdded(node) {
  while (node?.nodeType === Node.ELEMENT_NODE && node.hasAttribute(ADDED)) node = node.nextSibling;
  return node;
}

const isSameKind = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName;

function morphNode(old, wanted) {
  if (old.nodeType === Node.TEXT_NODE) morphText(old, wanted.data);
  else if (old.nodeType === Node.ELEMENT_NODE) {
    morphAttributes(old, wanted);
    morphChildren(old, wanted);
  }
}

function morphText(old, text) {
  if (old.data === text) return;
  if (text.startsWith(old.data)) old.appendData(text.slice(old.data.length));
  else old.data = text;
}

function morphAttributes(old, wanted) {
  for (const { name } of [...old.attributes]) {
    if (!wanted.hasAttribute(name) && !OWN.has(name) && name !== ADDED) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value && !OWN.has(name)) old.setAttribute(name, value);
  }
}
