import { CommandKind, ComponentKind, InteractionKind } from "./flags.js";

const REPLY_MS = 5000;
const SILENT = "The application did not respond";

/**
 * What a person does with applications. The server answers at once that it was told; what came of it comes by the
 * gateway, under the nonce that was sent along.
 *
 * Emits "pending" when the number of those that wait changes, and "modal" with the modal that an application opens.
 */
export class Interactions extends EventTarget {
  #rest;
  #gateway;
  #store;
  #nonce = Date.now();
  /** By nonce: {resolve, failed, commandName}. */
  #waiting = new Map();

  constructor(rest, gateway, store) {
    super();
    this.#rest = rest;
    this.#gateway = gateway;
    this.#store = store;
    gateway.addEventListener("dispatch", ({ detail }) => this.#receive(detail.name, detail.data));
  }

  #receive(name, data) {
    const waiting = this.#waiting.get(data?.nonce);
    if (name === "INTERACTION_MODAL_CREATE") this.dispatchEvent(new CustomEvent("modal", { detail: data }));
    else if (!waiting) return;
    else if (name === "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE") this.#end(data.nonce, data.choices);
    else if (name === "INTERACTION_SUCCESS") this.#end(data.nonce, null);
    else if (name === "INTERACTION_FAILURE") {
      this.#end(data.nonce, null);
      waiting.failed?.();
    }
  }

  #end(nonce, value) {
    const waiting = this.#waiting.get(nonce);
    this.#waiting.delete(nonce);
    clearTimeout(waiting?.timer);
    waiting?.resolve(value);
    this.dispatchEvent(new CustomEvent("pending"));
  }

  /** Names the commands that were sent and have not been answered yet. */
  get pendingCommands() {
    return [...this.#waiting.values()].map((one) => one.commandName).filter(Boolean);
  }

  /** Gives the commands that can be used in a channel, and by id the applications they belong to. */
  async index(channelId) {
    const { applications, application_commands } = await this.#rest.get(
      `/channels/${channelId}/application-command-index`,
    );
    return { commands: application_commands, applications: new Map(applications.map((one) => [one.id, one])) };
  }

  /** Uses a slash command; `options` are as Discord wants them, those of a subcommand within it. */
  async use(channelId, command, options) {
    const failed = () => this.#tellSilence(channelId, command);
    await this.#send(
      InteractionKind.COMMAND,
      channelId,
      command.application_id,
      { ...named(command), options },
      {
        failed,
        commandName: `/${command.name}`,
      },
    );
  }

  async useOnMessage(channelId, command, messageId) {
    const failed = () => this.#tellSilence(channelId, command);
    const data = { ...named(command), target_id: messageId };
    await this.#send(InteractionKind.COMMAND, channelId, command.application_id, data, {
      failed,
      commandName: command.name,
    });
  }

  /** Gives the choices that the application offers for what is typed; none if it does not answer. */
  async autocomplete(channelId, command, options) {
    const data = { ...named(command), options };
    const answered = await this.#send(InteractionKind.AUTOCOMPLETE, channelId, command.application_id, data);
    return (await answered()) ?? [];
  }

  /** Presses a button, or with `values` chooses in a menu. Settles when the application has answered. */
  async click(message, component, values) {
    const { channel_id, id } = message;
    const data = { component_type: component.type ?? ComponentKind.BUTTON, custom_id: component.custom_id };
    this.#store.noteFailure(channel_id, id, "");
    const failed = () => this.#store.noteFailure(channel_id, id, "This interaction failed");
    const application = message.application_id ?? message.author.id;
    const more = { message_id: id, message_flags: message.flags };
    const given = { ...data, ...(values ? { values } : {}) };
    const answered = await this.#send(InteractionKind.COMPONENT, channel_id, application, given, { failed }, more);
    await answered();
  }

  async submit(modal, components) {
    const data = { id: modal.id, custom_id: modal.custom_id, components };
    const failed = () => this.#tellSilence(modal.channel_id, null);
    await this.#send(InteractionKind.MODAL, modal.channel_id, modal.application_id, data, { failed });
  }

  /** Sends it; gives a function that gives the promise of its answer: a bare promise would be awaited along. */
  async #send(kind, channelId, applicationId, data, waiting = {}, more = {}) {
    const nonce = String(++this.#nonce);
    const answer = new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(nonce, null), REPLY_MS);
      this.#waiting.set(nonce, { ...waiting, resolve, timer });
    });
    this.dispatchEvent(new CustomEvent("pending"));
    try {
      await this.#rest.post("/interactions", {
        type: kind,
        application_id: applicationId,
        guild_id: this.#store.channels.get(channelId)?.guild_id,
        channel_id: channelId,
        session_id: this.#gateway.sessionId,
        nonce,
        data,
        ...more,
      });
    } catch (error) {
      this.#end(nonce, null);
      throw error;
    }
    return () => answer;
  }

  #tellSilence(channelId, command) {
    const user = this.#store.user;
    const author = {
      id: command?.application_id ?? "0",
      username: this.#store.name(command?.application_id),
      bot: true,
    };
    const isSlash = command?.type === CommandKind.CHAT;
    const used = command && { type: InteractionKind.COMMAND, user, name: command.name, command_type: command.type };
    this.#store.addLocal(channelId, {
      author,
      flags: 1 << 6,
      type: command ? (isSlash ? 20 : 23) : 0,
      interaction_metadata: used ?? undefined,
      failure: SILENT,
    });
  }
}

const named = ({ id, version, name, type }) => ({ id, version, name, type });
