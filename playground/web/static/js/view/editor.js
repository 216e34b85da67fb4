import { el } from "../dom.js";

/** Lets one change a message in its place; `save` gets the text. Enter saves, Escape cancels. */
export function editInPlace(view, save) {
  const text = el("textarea", {
    class: "input",
    value: view.message.content,
    rows: 2,
    "aria-label": "Edit the message",
    maxLength: 2000,
  });
  const done = () => {
    view.editor.replaceChildren();
    view.article.classList.remove("editing");
    view.article.focus();
  };
  const confirm = async () => {
    const changed = text.value.trim();
    done();
    if (changed && changed !== view.message.content) await save(changed);
  };
  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) confirm();
    else if (event.key === "Escape") done();
    else return;
    event.preventDefault();
  });
  const button = (label, act) => el("button", { type: "button", class: "link-button", on: { click: act } }, label);
  view.article.classList.add("editing");
  view.editor.replaceChildren(
    text,
    el("p", { class: "hint" }, "Escape to ", button("cancel", done), " · Enter to ", button("save", confirm)),
  );
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
}
