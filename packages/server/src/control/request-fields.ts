// SPDX-License-Identifier: Apache-2.0
// What a request of Spanner's services is about, as texts by name: for the log of requests, and for
// fault rules that are to strike some requests only.
//
// Messages are looked at as plain data, since the same fields stand in the messages of many methods.
// Parameters and rows are not among them: a log must not become a second copy of the data.
import type { InterceptedCall } from "@spandrel/rpc";

/** The fields that a request can have; those that it has not are absent. */
export interface RequestFields {
  /** `projects/p/instances/i/databases/d`. */
  readonly database?: string;
  /** `projects/p/instances/i/databases/d/sessions/s`. */
  readonly session?: string;
  /** The id of the transaction as hexadecimal digits; `begin` or `single use` where there is none. */
  readonly transaction?: string;
  readonly requestTag?: string;
  readonly transactionTag?: string;
  /** The header `x-goog-spanner-request-id`. */
  readonly requestId?: string;
  /** The SQL text; of a batch, all of them with semicolons between. */
  readonly sql?: string;
  /** The table of a read. */
  readonly table?: string;
}

type Message = Readonly<Record<string, unknown>>;

/** The fields of a request. */
export function fieldsOf({ request, context }: InterceptedCall): RequestFields {
  // Every message is an object.
  const message = request as Message;
  const session = sessionOf(message);
  const options = objectOf(message["requestOptions"]);
  return present({
    database: databaseOf(message, session),
    session,
    transaction: transactionOf(message),
    requestTag: textOf(options["requestTag"]),
    transactionTag: textOf(options["transactionTag"]),
    requestId: context.metadata["x-goog-spanner-request-id"],
    sql: sqlOf(message),
    table: textOf(message["table"]),
  });
}

function sessionOf({ session, name }: Message): string | undefined {
  if (typeof session === "string") return textOf(session);
  return typeof name === "string" && name.includes("/sessions/") ? name : undefined;
}

const databaseName = /^projects\/[^/]+\/instances\/[^/]+\/databases\/[^/]+/;

function databaseOf(message: Message, session: string | undefined): string | undefined {
  const candidates = [session, message["database"], message["name"]];
  for (const candidate of candidates) {
    const match = typeof candidate === "string" ? databaseName.exec(candidate) : null;
    if (match !== null) return match[0];
  }
  return undefined;
}

/** The id of the transaction that a request works on; undefined when it names none. */
export function transactionIdOf(request: unknown): Uint8Array | undefined {
  const message = request as Message;
  const { id, transactionId } = chosenOf(message);
  for (const candidate of [id, transactionId, message["transactionId"]]) {
    if (candidate instanceof Uint8Array && candidate.length > 0) return candidate;
  }
  return undefined;
}

/** The part of a message that says which transaction, wherever it stands. */
function chosenOf(message: Message): Message {
  const transaction = objectOf(message["transaction"]);
  return "$case" in transaction ? transaction : objectOf(transaction["selector"]);
}

function transactionOf(message: Message): string | undefined {
  const id = transactionIdOf(message);
  if (id !== undefined) return hex(id);
  switch (chosenOf(message)["$case"]) {
    case "begin":
      return "begin";
    case "singleUse":
    case "singleUseTransaction":
      return "single use";
    default:
      return undefined;
  }
}

/** Whether a request is to begin a read-write transaction, or is one from begin to end. */
export function isReadWriteAtOnce({ method, request }: InterceptedCall): boolean {
  const message = request as Message;
  const { begin, singleUseTransaction } = chosenOf(message);
  const options = objectOf(begin ?? singleUseTransaction ?? message["options"]);
  const mode = objectOf(options["mode"]);
  return mode["$case"] === "readWrite" || method.name === "BatchWrite";
}

/** The id of the transaction that an answer says has begun. */
export function begunIdOf(answer: unknown): Uint8Array | undefined {
  const message = objectOf(answer);
  const [first] = Array.isArray(message["resultSets"]) ? message["resultSets"] : [];
  const holders = [message, objectOf(first)].map((each) =>
    objectOf(objectOf(each["metadata"])["transaction"]),
  );
  for (const { id } of [...holders, message]) {
    if (id instanceof Uint8Array && id.length > 0) return id;
  }
  return undefined;
}

function sqlOf({ sql, statements }: Message): string | undefined {
  if (typeof sql === "string") return textOf(sql);
  if (!Array.isArray(statements)) return undefined;
  const texts = statements.map((each: unknown) =>
    typeof each === "string" ? each : textOf(objectOf(each)["sql"]),
  );
  return textOf(texts.join(";\n"));
}

function objectOf(value: unknown): Message {
  return typeof value === "object" && value !== null ? (value as Message) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function present(fields: { readonly [Name in keyof RequestFields]: string | undefined }) {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as RequestFields & Record<string, string>;
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
