// SPDX-License-Identifier: Apache-2.0
// Which URL means which method: the table made from the `google.api.http` options in a descriptor
// set, and from rules that a service's configuration adds to them.
import {
  createFileRegistry,
  type DescMethod,
  type FileRegistry,
  fromBinary,
} from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { AddedHttpRule, HttpRule } from "./http-rule.ts";
import { matchTemplate, type PathValue, parseTemplate, type Template } from "./template.ts";

/** A line of the table. */
export interface Binding {
  readonly rule: HttpRule;
  readonly template: Template;
  readonly method: DescMethod;
}

/** What a URL was found to mean. */
export interface Match {
  readonly binding: Binding;
  readonly values: readonly PathValue[];
}

/** The field number of the option `google.api.http`. */
const HTTP_OPTION = 72295728;

/** The table, and the types that its methods speak of. */
export class BindingTable {
  readonly registry: FileRegistry;
  /** By HTTP verb and template verb: `POST:executeSql`. */
  readonly #bindings = new Map<string, Binding[]>();

  constructor(descriptorSet: Uint8Array, added: readonly AddedHttpRule[]) {
    this.registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
    for (const file of this.registry.files) {
      for (const service of file.services) {
        for (const method of service.methods) {
          for (const rule of rulesOf(method)) this.#add(rule, method);
          const name = `${service.typeName}.${method.name}`;
          for (const rule of added) if (rule.method === name) this.#add(rule, method);
        }
      }
    }
  }

  /** Finds what a request means; `path` is neither decoded nor has it a query. */
  find(verb: string, path: string): Match | undefined {
    const segments = path.split("/").slice(1);
    const last = segments.at(-1) ?? "";
    const colon = last.lastIndexOf(":");
    if (colon < 0) return this.#match(`${verb}:`, segments);
    const bare = segments.with(-1, last.slice(0, colon));
    return this.#match(`${verb}:${last.slice(colon + 1)}`, bare);
  }

  /** The HTTP verbs that a path is known under. */
  verbsOf(path: string): readonly string[] {
    const verbs = new Set([...this.#bindings.keys()].map((key) => key.slice(0, key.indexOf(":"))));
    return [...verbs].filter((verb) => this.find(verb, path) !== undefined);
  }

  #add(rule: HttpRule, method: DescMethod): void {
    const template = parseTemplate(rule.path);
    const key = `${rule.verb}:${template.verb}`;
    const bindings = this.#bindings.get(key);
    if (bindings === undefined) this.#bindings.set(key, [{ rule, template, method }]);
    else bindings.push({ rule, template, method });
  }

  /** Among several templates that match, the one with the most literal text is meant. */
  #match(key: string, segments: readonly string[]): Match | undefined {
    let best: Match | undefined;
    for (const binding of this.#bindings.get(key) ?? []) {
      const values = matchTemplate(binding.template, segments);
      if (values === undefined) continue;
      if (best === undefined || literals(binding) > literals(best.binding)) {
        best = { binding, values };
      }
    }
    return best;
  }
}

function literals({ template }: Binding): number {
  return template.segments.filter(({ kind }) => kind === "literal").length;
}

/** The rules in a method's options: the extension is read by its number, as nobody declared it. */
function rulesOf(method: DescMethod): readonly HttpRule[] {
  const rules: HttpRule[] = [];
  for (const { no, data } of method.proto.options?.$unknown ?? []) {
    if (no === HTTP_OPTION) readRule(new BinaryReader(data).bytes(), rules);
  }
  return rules;
}

const verbByField: Readonly<Record<number, string>> = {
  2: "GET",
  3: "PUT",
  4: "POST",
  5: "DELETE",
  6: "PATCH",
};

/** Reads a google.api.HttpRule and its additional bindings. */
function readRule(bytes: Uint8Array, rules: HttpRule[]): void {
  const rule = { verb: "", path: "", body: "", responseBody: "" };
  const additional: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const verb = verbByField[field];
    if (verb !== undefined) {
      rule.verb = verb;
      rule.path = reader.string();
    } else if (field === 7) rule.body = reader.string();
    else if (field === 8) Object.assign(rule, readCustom(reader.bytes()));
    else if (field === 11) additional.push(reader.bytes());
    else if (field === 12) rule.responseBody = reader.string();
    else reader.skip(wireType, field);
  }
  if (rule.path !== "") rules.push(rule);
  for (const inner of additional) readRule(inner, rules);
}

/** Reads a google.api.CustomHttpPattern. */
function readCustom(bytes: Uint8Array): { readonly verb: string; readonly path: string } {
  const custom = { verb: "", path: "" };
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) custom.verb = reader.string();
    else if (field === 2) custom.path = reader.string();
    else reader.skip(wireType, field);
  }
  return custom;
}
