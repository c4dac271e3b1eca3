// SPDX-License-Identifier: Apache-2.0
// Administration: instances, databases, their schemas, and the operations that such changes are.
//
// The messages of these services are loaded with the first call of one of them, so that a program
// that only reads and writes never loads them. What comes back are the services' own messages, as
// plain objects. Calls that read are tried again after passing failures; calls that create are not.
import type {
  DatabaseAdminDefinition,
  InstanceAdminDefinition,
  OperationsDefinition,
} from "@spandrel/protocol/admin";
import { type MethodsOf, methodsOf } from "@spandrel/rpc";

/** The procedures of the administration services. */
export interface AdminMethods {
  readonly instances: MethodsOf<typeof InstanceAdminDefinition>;
  readonly databases: MethodsOf<typeof DatabaseAdminDefinition>;
  readonly operations: MethodsOf<typeof OperationsDefinition>;
  readonly messages: typeof import("@spandrel/protocol/admin");
}

let loading: Promise<AdminMethods> | undefined;

/** The procedures of the administration services, loaded once. */
export function adminMethods(): Promise<AdminMethods> {
  loading ??= load();
  return loading;
}

async function load(): Promise<AdminMethods> {
  const messages = await import("@spandrel/protocol/admin");
  return {
    instances: methodsOf(messages.InstanceAdminDefinition),
    databases: methodsOf(messages.DatabaseAdminDefinition),
    operations: methodsOf(messages.OperationsDefinition),
    messages,
  };
}
