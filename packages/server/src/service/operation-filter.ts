// SPDX-License-Identifier: Apache-2.0
// The filter of ListDatabaseOperations: conditions such as `name:db`, `done:true` or
// `metadata.@type:type.googleapis.com/…`, joined by AND, each in parentheses or not.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.database.v1#listdatabaseoperationsrequest
import { invalidOperationFilter } from "../errors/instance.ts";
import type { MessageOperation } from "./operation-messages.ts";

const condition = /^(name|done|metadata\.@type|error)\s*(:|=|!=)\s*"?([^"]*)"?$/;

/**
 * Reads a filter as a test of an operation; an empty one lets all through.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it is none that this server understands.
 */
export function operationFilter(filter: string): (operation: MessageOperation) => boolean {
  const text = filter.trim();
  if (text === "") return () => true;
  const tests = text.split(/\s+AND\s+/i).map((part) => {
    const match = condition.exec(part.replace(/^\(+|\)+$/g, "").trim());
    if (match === null) throw invalidOperationFilter(filter);
    const [, field = "", operator = "", value = ""] = match;
    return (operation: MessageOperation): boolean => {
      const found = fieldOf(operation, field);
      if (operator === "=") return found === value;
      return operator === "!=" ? found !== value : value === "*" || found.includes(value);
    };
  });
  return (operation) => tests.every((holds) => holds(operation));
}

function fieldOf({ name, state }: MessageOperation, field: string): string {
  switch (field) {
    case "name":
      return name;
    case "done":
      return String(state.kind !== "running");
    case "error":
      return state.kind === "failed" ? state.error.message : "";
    default:
      return `type.googleapis.com/${state.metadata.message}`;
  }
}
