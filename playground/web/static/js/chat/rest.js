const API = "/api/v10";

/** A refusal by the chat server; `message` is what it says, with the first of the form's errors. */
export class Refused extends Error {
  constructor(status, body) {
    super(firstError(body?.errors) ?? body?.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body?.code ?? 0;
  }
}

function firstError(errors) {
  if (!errors || typeof errors !== "object") return undefined;
  if (Array.isArray(errors._errors)) return errors._errors[0]?.message;
  for (const inner of Object.values(errors)) {
    const found = firstError(inner);
    if (found) return found;
  }
  return undefined;
}

/** REST as one person. Raises Refused. */
export class Rest {
  constructor(token) {
    this.token = token;
  }

  get = (path) => this.#ask("GET", path);
  post = (path, body = {}) => this.#ask("POST", path, body);
  put = (path, body = {}) => this.#ask("PUT", path, body);
  patch = (path, body) => this.#ask("PATCH", path, body);
  delete = (path) => this.#ask("DELETE", path);

  async #ask(method, path, body) {
    const headers = { Authorization: this.token };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(API + path, { method, headers, body: text });
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    const answer = isJson ? await response.json() : null;
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  }
}
