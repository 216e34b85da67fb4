import { el } from "../dom.js";
import { avatar } from "./avatar.js";

/** The switch for who one is: radio buttons, so that arrow keys go through them. */
export function showPeople(fieldset, users, current, become) {
  const options = users.map((user) => {
    const input = el("input", {
      type: "radio",
      name: "person",
      value: user.name,
      checked: user.name === current,
      on: { change: () => become(user.name) },
    });
    const role = user.name === "owner" ? "owns the server" : user.moderator ? "moderator" : "member";
    return el(
      "label",
      { class: "person" },
      input,
      avatar(user.name, "small"),
      el("span", { class: "person-name" }, user.name),
      el("small", {}, role),
    );
  });
  fieldset.append(el("div", { class: "person-list" }, options));
}
