import { el, icon, newId, setText } from "../dom.js";
import { attempt, toast } from "../toasts.js";

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The playground refused (${response.status}).`);
}

/** The slider for the model's speed; its right end lets the model run freely. Gives {element, show}. */
export function speedControl({ min, max, now }) {
  const id = newId("speed");
  const output = el("output", { htmlFor: id });
  const slider = el("input", { type: "range", id, min: 0, max: 101, step: 1 });
  const words = (speed) => (speed === null ? "as fast as it can" : `${speed} tokens/s`);
  // The ear and the eye tell ratios apart, not differences: the slider is logarithmic.
  const speedAt = (place) => (place > 100 ? null : Math.round(min * (max / min) ** (place / 100)));
  const placeOf = (speed) => (speed === null ? 101 : Math.round((100 * Math.log(speed / min)) / Math.log(max / min)));
  let isHeld = false;
  const show = (speed) => {
    if (isHeld) return;
    slider.value = String(placeOf(speed));
    say(speed);
  };
  const say = (speed) => {
    setText(output, words(speed));
    slider.setAttribute("aria-valuetext", words(speed));
    slider.style.setProperty("--at", `${(100 * slider.value) / slider.max}%`);
  };
  slider.addEventListener("input", () => {
    isHeld = true;
    say(speedAt(Number(slider.value)));
  });
  slider.addEventListener("change", async () => {
    await attempt(() => post("/web/speed", { tokens_per_s: speedAt(Number(slider.value)) }));
    isHeld = false;
  });
  show(now);
  return {
    show,
    element: el("div", { class: "speed" }, el("label", { htmlFor: id }, "Speed of the model"), output, slider),
  };
}

/** Switches for faults that last, buttons for those that happen once. Gives {element, show}. */
export function faultControls() {
  const switches = {
    ollama_down: toggle("Ollama is down", "The model's server refuses connections"),
    discord_500: toggle("Discord answers 500", "Every request of the bot fails"),
  };
  const held = new Set(); // a state from before the click would turn the switch back for a moment
  for (const [name, { input }] of Object.entries(switches)) {
    input.addEventListener("change", async () => {
      held.add(name);
      await attempt(() => post("/web/faults", { [name]: input.checked }));
      held.delete(name);
    });
  }
  const cut = onceButton(
    "cut_stream",
    "Cut the stream",
    "scissors",
    "An answer is cut off: the one being written, else the next.",
  );
  const drop = onceButton("gateway_drop", "Drop the gateway", "unplug", "The bot's gateway connection was dropped.");
  const lasting = Object.values(switches).map((one) => one.element);
  return {
    element: el("div", { class: "faults" }, lasting, el("div", { class: "fault-buttons" }, cut, drop)),
    show(faults) {
      for (const [name, { input }] of Object.entries(switches)) {
        if (!held.has(name)) input.checked = Boolean(faults[name]);
      }
      cut.classList.toggle("armed", Boolean(faults.cut_stream)); // it waits for an answer to cut
    },
  };
}

function onceButton(name, label, sign, said) {
  const happen = () =>
    attempt(async () => {
      await post("/web/faults", { [name]: true });
      toast(said);
    });
  return el("button", { type: "button", class: "button secondary", on: { click: happen } }, icon(sign), label);
}

function toggle(label, description) {
  const input = el("input", { type: "checkbox", role: "switch" });
  return {
    input,
    element: el("label", { class: "switch" }, el("span", {}, label, el("small", {}, description)), input),
  };
}

const STATES = { up: "running", starting: "starting…", down: "not running" };

/** The bot's state and the button that starts it anew. Gives {element, show}. */
export function botControl(name) {
  const state = el("span", { class: "bot-state", role: "status" });
  const button = el(
    "button",
    {
      type: "button",
      class: "button secondary",
      title: "Start the bot anew: the messages stay",
      "aria-label": "Restart the bot",
      on: { click: restart },
    },
    icon("restart"),
    "Restart",
  );
  async function restart() {
    button.disabled = true;
    await attempt(() => post("/web/bot/restart", {}));
    button.disabled = false;
  }
  const says = el("pre", { class: "bot-says", "aria-label": "The bot's last lines", tabIndex: 0 });
  const show = (bot, said = "") => {
    state.dataset.state = bot;
    setText(state, `${name} is ${STATES[bot] ?? bot}`);
    setText(says, said);
    says.hidden = !said;
  };
  return { show, element: el("div", {}, el("div", { class: "bot" }, state, button), says) };
}
