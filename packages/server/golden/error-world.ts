// SPDX-License-Identifier: Apache-2.0
// The world of the scripts about errors: every function of a file in `errors/`, called with
// arguments written as JavaScript, and all that the error says. `not called so far` lists the
// functions that no command has called.
import { runInNewContext } from "node:vm";
import { Code, type StatusDetail, StatusError } from "@spandrel/base";
import { SqlErrors } from "@spandrel/sql";
import type { GoldenCommand, GoldenWorld } from "@spandrel/testkit";

/** See the top of this file. */
export class ErrorWorld implements GoldenWorld {
  readonly #uncalled: Map<string, unknown>;

  constructor(functions: Readonly<Record<string, unknown>>) {
    this.#uncalled = new Map(Object.entries(functions));
    this.#functions = functions;
  }

  readonly #functions: Readonly<Record<string, unknown>>;

  run({ text }: GoldenCommand): string {
    if (text === "not called so far") return [...this.#uncalled.keys()].join(", ") || "none";
    const [name = ""] = text.split("(", 1);
    const make = this.#functions[name];
    if (typeof make !== "function") throw new Error(`no such function: ${name}`);
    this.#uncalled.delete(name);
    const error: unknown = make(
      ...runInNewContext(`[${text.slice(name.length + 1, -1)}]`, { sqlErrors, statusError }),
    );
    if (!(error instanceof StatusError)) throw new Error(`no StatusError: ${name}`);
    const head = `${error.codeName} ${error.reason}`;
    return [head, error.message, ...error.details.map(describe)].join("\n");
  }
}

/** An error that has caused another. */
function statusError(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "Unrecognized name: Nmae [at 1:8]");
}

/** The errors of a text with one error in it. */
function sqlErrors(text: string, message: string, offset: number): SqlErrors {
  return new SqlErrors(text, [{ message, position: { start: offset, end: offset } }]);
}

function describe(detail: StatusDetail): string {
  const { kind, ...fields } = detail;
  const text = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
  return `${kind} ${JSON.stringify(fields, text)}`;
}
