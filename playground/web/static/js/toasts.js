import { el } from "./dom.js";

const STAY_MS = 6000;

/** Shows a sentence at the edge of the page for some seconds. */
export function toast(sentence) {
  const note = el("div", { class: "toast" }, sentence);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), STAY_MS);
}

/** Runs `work`; tells why if it was refused, and gives undefined then. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    const isOffline = error instanceof TypeError;
    toast(isOffline ? "The playground does not answer. Is it still running?" : error.message);
    return undefined;
  }
}
