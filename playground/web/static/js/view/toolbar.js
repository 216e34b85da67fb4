import { el, iconButton } from "../dom.js";

/** The buttons over a message that the pointer or the focus is on: only what this person may do with it. */
export function toolbar(message, may, acts) {
  const one = (is, name, label, act) => is && iconButton(name, label, (event) => act(message, event.currentTarget));
  return el(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
    one(may.react, "react", "Add a reaction", acts.pickReaction),
    one(may.reply, "reply", "Reply", acts.reply),
    one(may.edit, "edit", "Edit", acts.edit),
    one(may.thread, "thread", "Start a thread", acts.startThread),
    one(may.apps, "apps", "Apps", acts.apps),
    one(may.delete, "delete", "Delete", acts.remove),
  );
}
