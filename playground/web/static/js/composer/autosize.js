const MOST_PX = 220;

/** Lets a text area grow with its text, up to a bound. */
export function autosize(field) {
  if (field.tagName !== "TEXTAREA") return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, MOST_PX)}px`;
}
