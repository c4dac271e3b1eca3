// SPDX-License-Identifier: Apache-2.0
// Long-running operations: work that outlives the call which began it, and can be asked about by name.
// What the work is, and what it gives, is not known here.
import { Code, type Random, randomText, StatusError } from "@spandrel/base";
import {
  invalidOperationId,
  operationAlreadyExists,
  operationNotFound,
} from "../errors/instance.ts";

/** How an operation stands. */
export type OperationState<Metadata, Result> =
  | { readonly kind: "running"; readonly metadata: Metadata }
  | { readonly kind: "done"; readonly metadata: Metadata; readonly result: Result }
  | { readonly kind: "failed"; readonly metadata: Metadata; readonly error: StatusError };

/** An operation: a name, and how it stands now. */
export interface Operation<Metadata, Result> {
  readonly name: string;
  state: OperationState<Metadata, Result>;
  /** Settles when the work has ended, well or badly; never rejects. */
  readonly ended: Promise<void>;
}

/** Operations that are over are forgotten once there are more than this. */
const rememberedMax = 10_000;

/** The operations of a server. */
export class Operations<Metadata, Result> {
  readonly #random: Random;
  readonly #byName = new Map<string, Operation<Metadata, Result>>();

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Begins work under a parent's name. `work` may report how far it has come.
   *
   * @throws {StatusError} ALREADY_EXISTS or INVALID_ARGUMENT for the id that was asked for.
   */
  start(
    parent: string,
    id: string,
    metadata: Metadata,
    work: (report: (metadata: Metadata) => void) => Promise<Result>,
  ): Operation<Metadata, Result> {
    if (id !== "" && !/^[a-z][a-z0-9_]{1,127}$/.test(id)) throw invalidOperationId(id);
    const name = `${parent}/operations/${id === "" ? this.#newId() : id}`;
    if (this.#byName.has(name)) throw operationAlreadyExists(name);
    const run = async (): Promise<void> => {
      const report = (latest: Metadata): void => {
        operation.state = { kind: "running", metadata: latest };
      };
      try {
        const result = await work(report);
        operation.state = { kind: "done", metadata: operation.state.metadata, result };
      } catch (thrown) {
        const error = StatusError.from(thrown, Code.INTERNAL);
        operation.state = { kind: "failed", metadata: operation.state.metadata, error };
      }
    };
    const operation: Operation<Metadata, Result> = {
      name,
      state: { kind: "running", metadata },
      ended: Promise.resolve().then(run),
    };
    this.#byName.set(name, operation);
    this.#forgetOldest();
    return operation;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such operation. */
  get(name: string): Operation<Metadata, Result> {
    const operation = this.#byName.get(name);
    if (operation === undefined) throw operationNotFound(name);
    return operation;
  }

  /** The operations whose names begin with a parent's, by name. */
  list(parent: string): readonly Operation<Metadata, Result>[] {
    return [...this.#byName.values()]
      .filter(({ name }) => name.startsWith(`${parent}/`))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Forgets an operation; the work goes on. */
  delete(name: string): void {
    this.get(name);
    this.#byName.delete(name);
  }

  #newId(): string {
    return `_auto_op_${randomText(this.#random, 16).toLowerCase().replaceAll("-", "0")}`;
  }

  #forgetOldest(): void {
    if (this.#byName.size <= rememberedMax) return;
    for (const [name, { state }] of this.#byName) {
      if (state.kind !== "running") this.#byName.delete(name);
      if (this.#byName.size <= rememberedMax * 0.9) return;
    }
  }
}
