import { ComponentKind } from "../chat/flags.js";
import { ask, field } from "./dialog.js";

const LONG = 2;

/** Shows a modal that an application has opened; gives the components to send, null if it was closed. */
export function showModal(modal) {
  const fields = inputsOf(modal.components).map(({ label, spec }) => ({ spec, ...textField(label, spec) }));
  return ask({
    title: modal.title,
    content: fields.map((one) => one.element),
    confirm: "Submit",
    read: () => fields.map(({ spec, input }) => inRow(spec, input.value)),
  });
}

/** Gives the text inputs of rows, and of labels, which carry the text of theirs. */
function inputsOf(components, label = "") {
  return components.flatMap((one) => {
    if (one.type === ComponentKind.TEXT_INPUT) return [{ label: one.label ?? label, spec: one }];
    if (one.type === ComponentKind.LABEL) return inputsOf([one.component], one.label);
    return inputsOf(one.components ?? []);
  });
}

function textField(label, { style, placeholder, value, required = true, min_length, max_length }) {
  const isLong = style === LONG;
  const given = {
    placeholder: placeholder ?? "",
    value: value ?? "",
    required,
    minLength: min_length ?? 0,
    maxLength: max_length ?? 4000,
  };
  return field(label, isLong ? { ...given, rows: 5 } : given, isLong ? "textarea" : "input");
}

function inRow({ custom_id, type }, value) {
  return { type: ComponentKind.ROW, components: [{ type, custom_id, value }] };
}
