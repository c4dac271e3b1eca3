// SPDX-License-Identifier: Apache-2.0
// Details of an error from the JSON in which Google's endpoints write them, an `@type` among their
// fields. https://cloud.google.com/apis/design/errors#error_details
import { fromBase64, type StatusDetail } from "@spandrel/base";
import { TYPE_URL_PREFIX } from "../grpc/details.ts";
import { wrongField } from "./errors.ts";
import { Fields } from "./fields.ts";

/** Reads a detail. @throws {StatusError} INVALID_ARGUMENT with the field's name. */
export function readDetail(value: unknown, path: string): StatusDetail {
  const fields = new Fields(value, path);
  const typeUrl = fields.requiredText("@type");
  const detail = readFields(typeUrl, fields);
  fields.end();
  return detail;
}

function readFields(typeUrl: string, fields: Fields): StatusDetail {
  switch (typeUrl.slice(TYPE_URL_PREFIX.length)) {
    case "google.rpc.ResourceInfo":
      return {
        kind: "ResourceInfo",
        resourceType: fields.text("resourceType") ?? "",
        resourceName: fields.text("resourceName") ?? "",
        owner: fields.text("owner") ?? "",
        description: fields.text("description") ?? "",
      };
    case "google.rpc.RetryInfo":
      return { kind: "RetryInfo", delayNanos: readDelay(fields) };
    case "google.rpc.ErrorInfo":
      return {
        kind: "ErrorInfo",
        reason: fields.text("reason") ?? "",
        domain: fields.text("domain") ?? "",
        metadata: fields.texts("metadata") ?? {},
      };
    case "google.rpc.BadRequest":
      return {
        kind: "BadRequest",
        violations: readPairs(fields, "fieldViolations", "field", "description"),
      };
    case "google.rpc.Help":
      return { kind: "Help", links: readPairs(fields, "links", "description", "url") };
    default: {
      const value = fromBase64(fields.text("value") ?? "");
      if (value === undefined) throw wrongField(fields.pathOf("value"), "must be base64");
      return { kind: "Any", typeUrl, value };
    }
  }
}

function readPairs<First extends string, Second extends string>(
  fields: Fields,
  name: string,
  first: First,
  second: Second,
): { readonly [Name in First | Second]: string }[] {
  return (fields.list(name) ?? []).map((value, index) => {
    const pair = new Fields(value, `${fields.pathOf(name)}[${index}]`);
    const read = { [first]: pair.text(first) ?? "", [second]: pair.text(second) ?? "" };
    pair.end();
    // Two computed names are not known one by one.
    return read as { readonly [Name in First | Second]: string };
  });
}

const duration = /^(\d{1,12})(?:\.(\d{1,9}))?s$/;

function readDelay(fields: Fields): bigint {
  const match = duration.exec(fields.text("retryDelay") ?? "0s");
  if (match === null) {
    throw wrongField(fields.pathOf("retryDelay"), "must be seconds such as 0.250s");
  }
  const [, seconds = "0", fraction = ""] = match;
  return BigInt(seconds + fraction.padEnd(9, "0"));
}
