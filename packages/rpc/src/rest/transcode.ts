// SPDX-License-Identifier: Apache-2.0
// A request's URL and body as the bytes of a message, and the bytes of an answer as JSON.
import {
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import type { Binding, Match } from "./bindings.ts";
import { malformedPayload, unknownParameter } from "./errors.ts";

/** Query parameters that every Google endpoint takes, and that say nothing to the method. */
const systemParameters: ReadonlySet<string> = new Set([
  "$alt",
  "$callback",
  "$fields",
  "$prettyPrint",
  "$.xgafv",
  "access_token",
  "alt",
  "callback",
  "fields",
  "key",
  "oauth_token",
  "prettyPrint",
  "pp",
  "quotaUser",
  "upload_protocol",
  "uploadType",
]);

/**
 * Makes the bytes of a request.
 *
 * @param body what the body says; undefined when it is empty.
 * @throws {StatusError} INVALID_ARGUMENT when body, path or query are not what the method takes.
 */
export function encodeRequest(
  match: Match,
  query: URLSearchParams,
  body: JsonValue | undefined,
  registry: FileRegistry,
): Uint8Array {
  const { input } = match.binding.method;
  const json = bodyJson(match.binding, body);
  for (const [name, text] of query) {
    const isSet = setField(json, input, name.split("."), text);
    if (!isSet && !systemParameters.has(name)) throw unknownParameter(name);
  }
  for (const { fieldPath, value } of match.values) setField(json, input, fieldPath, value);
  try {
    return toBinary(input, fromJson(input, json, { registry }));
  } catch (error) {
    throw malformedPayload(error instanceof Error ? error.message : String(error));
  }
}

/** Makes the JSON of an answer. */
export function decodeResponse(
  binding: Binding,
  bytes: Uint8Array,
  registry: FileRegistry,
): JsonValue {
  const { output } = binding.method;
  const json = toJson(output, fromBinary(output, bytes), { registry });
  const only = binding.rule.responseBody ?? "";
  if (only === "" || !isObject(json)) return json;
  const field = findField(output, only);
  return (field === undefined ? undefined : json[field.jsonName]) ?? {};
}

function bodyJson({ rule, method }: Binding, body: JsonValue | undefined): JsonObject {
  const target = rule.body ?? "";
  if (target === "" || body === undefined) return {};
  if (target === "*") {
    if (!isObject(body)) throw malformedPayload("The body must be a JSON object.");
    return body;
  }
  const field = findField(method.input, target);
  return { [field?.jsonName ?? target]: body };
}

/** Puts a text where a path of fields says; false when there is no such field. */
function setField(
  json: JsonObject,
  message: DescMessage,
  fieldPath: readonly string[],
  text: string,
): boolean {
  const [name = "", ...rest] = fieldPath;
  const field = findField(message, name);
  if (field === undefined) return false;
  adoptJsonName(json, field);
  if (rest.length > 0) {
    if (field.fieldKind !== "message") return false;
    const inner = json[field.jsonName] ?? {};
    if (!isObject(inner)) throw malformedPayload(`${field.jsonName} must be a JSON object.`);
    json[field.jsonName] = inner;
    return setField(inner, field.message, rest, text);
  }
  if (field.fieldKind === "map") return false;
  const value = valueOfText(field, text);
  if (field.fieldKind === "list") {
    const values = json[field.jsonName] ?? [];
    if (Array.isArray(values)) json[field.jsonName] = [...values, value];
  } else {
    json[field.jsonName] = value;
  }
  return true;
}

function findField(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.name === name || field.jsonName === name);
}

/** JSON may call a field by either of its names; here only one of them is used. */
function adoptJsonName(json: JsonObject, field: DescField): void {
  const value = json[field.name];
  if (field.name === field.jsonName || value === undefined) return;
  delete json[field.name];
  json[field.jsonName] ??= value;
}

/** Texts stand for most values in proto3 JSON; booleans and numbers of enums do not. */
function valueOfText(field: DescField, text: string): JsonValue {
  const isBoolean =
    ("scalar" in field && field.scalar === ScalarType.BOOL) ||
    ("message" in field && field.message?.typeName === "google.protobuf.BoolValue");
  if (isBoolean) {
    if (text !== "true" && text !== "false") {
      throw malformedPayload(
        `${field.jsonName} must be true or false, not ${JSON.stringify(text)}.`,
      );
    }
    return text === "true";
  }
  if ("message" in field && field.message?.typeName === "google.protobuf.FieldMask") {
    // Within JSON a mask has lower camel case; in a URL people write it either way.
    return text.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  }
  const isEnum = field.fieldKind === "enum" || (field.fieldKind === "list" && "enum" in field);
  return isEnum && /^-?[0-9]+$/.test(text) ? Number(text) : text;
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
