const HEARTBEAT = 1,
  IDENTIFY = 2,
  RESUME = 6,
  RECONNECT = 7,
  INVALID_SESSION = 9,
  HELLO = 10;
const LEAST_PAUSE_MS = 250,
  MOST_PAUSE_MS = 5000;

/**
 * The gateway as one person. Emits "dispatch" with {name, data}, and "state" with "connecting", "up" or "down".
 *
 * A lost connection is resumed, so that nothing is missed; where the server no longer knows the session, a new one
 * begins with READY.
 */
export class Gateway extends EventTarget {
  #token;
  #ws = null;
  #beat = 0;
  #seq = 0;
  #pause = LEAST_PAUSE_MS;
  sessionId = "";

  constructor(token) {
    super();
    this.#token = token;
  }

  connect() {
    this.#tell("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const ws = (this.#ws = new WebSocket(`${scheme}://${location.host}/gw`));
    ws.addEventListener("message", (message) => this.#receive(JSON.parse(message.data)));
    ws.addEventListener("close", () => this.#closed());
  }

  #receive({ op, d, s, t }) {
    if (op === 0) {
      this.#seq = s;
      if (t === "READY") this.sessionId = d.session_id;
      if (t === "READY" || t === "RESUMED") {
        this.#pause = LEAST_PAUSE_MS;
        this.#tell("up");
      }
      this.dispatchEvent(new CustomEvent("dispatch", { detail: { name: t, data: d } }));
    } else if (op === HELLO) {
      this.#beat = setInterval(() => this.#send(HEARTBEAT, this.#seq || null), d.heartbeat_interval);
      if (this.sessionId) this.#send(RESUME, { token: this.#token, session_id: this.sessionId, seq: this.#seq });
      else this.#identify();
    } else if (op === INVALID_SESSION) {
      this.sessionId = "";
      this.#identify();
    } else if (op === RECONNECT) {
      this.#ws.close(4000);
    }
  }

  #identify() {
    this.#seq = 0;
    this.#send(IDENTIFY, { token: this.#token, properties: { os: "web", browser: "playground", device: "" } });
  }

  #closed() {
    clearInterval(this.#beat);
    this.#tell("down");
    setTimeout(() => this.connect(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, MOST_PAUSE_MS);
  }

  #send(op, d) {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify({ op, d }));
  }

  #tell(state) {
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
