// SPDX-License-Identifier: Apache-2.0
// Messages that are kept as they are: how they become records and come back.
import { assert, fromBase64, toBase64 } from "@spandrel/base";
import type { KeptMessage, Records } from "../instance/records.ts";

interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** Messages of one type, kept under names. */
export class KeptMessages<Message> {
  readonly #records: Records<KeptMessage>;
  readonly #codec: Codec<Message>;

  constructor(records: Records<KeptMessage>, codec: Codec<Message>) {
    this.#records = records;
    this.#codec = codec;
  }

  get(name: string): Message | undefined {
    const kept = this.#records.get(name);
    return kept === undefined ? undefined : this.#decode(kept);
  }

  /** Those whose names begin with a parent's, by name. */
  under(parent: string): readonly (Message & { readonly name: string })[] {
    return this.#records.under(parent).map((kept) => ({ ...this.#decode(kept), name: kept.name }));
  }

  /** Returns when the message outlives a crash; `check` may refuse it at the last moment. */
  put(name: string, message: Message, check?: () => void): Promise<void> {
    const base64 = toBase64(this.#codec.encode(message).finish());
    return this.#records.put({ name, base64 }, check);
  }

  remove(name: string): Promise<void> {
    return this.#records.remove(name);
  }

  #decode({ base64 }: KeptMessage): Message {
    const bytes = fromBase64(base64);
    assert(bytes !== undefined, "what is kept is base64");
    return this.#codec.decode(bytes);
  }
}
