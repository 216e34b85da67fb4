import { el, iconButton, newId } from "../dom.js";

/**
 * Asks something in a dialog. Gives what `read` makes of it when it is confirmed, null if it was closed.
 * `content` are the fields; the first of them gets the focus.
 */
export function ask({ title, content, confirm, isDangerous = false, read = () => true }) {
  const titleId = newId("title");
  const { promise, resolve } = withResolvers();
  const cancel = () => dialog.close();
  const form = el(
    "form",
    {
      method: "dialog",
      on: {
        submit: (event) => {
          event.preventDefault();
          resolve(read());
          dialog.close();
        },
      },
    },
    el("header", {}, el("h2", { id: titleId }, title), iconButton("close", "Close", cancel)),
    el("div", { class: "dialog-body" }, content),
    el(
      "footer",
      {},
      el("button", { type: "button", class: "button quiet", on: { click: cancel } }, "Cancel"),
      el("button", { type: "submit", class: `button ${isDangerous ? "danger" : "primary"}` }, confirm),
    ),
  );
  const dialog = el(
    "dialog",
    {
      class: "dialog",
      "aria-labelledby": titleId,
      on: {
        close: () => {
          resolve(null);
          dialog.remove();
        },
      },
    },
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector("input, textarea, select") ?? form.querySelector("[type=submit]")).focus();
  return promise;
}

function withResolvers() {
  let resolve;
  const promise = new Promise((take) => (resolve = take));
  return { promise, resolve };
}

/** Gives a labelled text field as {element, input}. */
export function field(label, given = {}, tag = "input") {
  const id = newId("field");
  const input = el(tag, { id, class: "input", ...given });
  return {
    element: el(
      "div",
      { class: "field" },
      el(
        "label",
        { htmlFor: id },
        label,
        given.required && el("span", { class: "required", "aria-hidden": "true" }, " *"),
      ),
      input,
    ),
    input,
  };
}
