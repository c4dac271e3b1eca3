// SPDX-License-Identifier: Apache-2.0
// IAM policies of instances, databases, backups and their schedules: kept, and given back. They allow
// and forbid nothing: who reaches this server may do everything.
// https://cloud.google.com/spanner/docs/iam
import { compareBytes } from "@spandrel/base";
import {
  type GetIamPolicyRequest,
  Policy,
  type SetIamPolicyRequest,
  type TestIamPermissionsRequest,
  type TestIamPermissionsResponse,
} from "@spandrel/protocol/admin";
import {
  missingField,
  policyChangedMeanwhile,
  resourceNotFound,
  wildcardPermission,
} from "../errors/backup.ts";
import { malformedName } from "../errors/instance.ts";
import type { Registry } from "../instance/registry.ts";
import { KeptMessages } from "./kept-messages.ts";

/** Answers the calls about policies. */
export class Policies {
  readonly #registry: Registry;
  readonly #kept: KeptMessages<Policy>;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#kept = new KeptMessages(registry.messages.policies, Policy);
  }

  /** The policy of a resource; an empty one when none was set. @throws {StatusError} NOT_FOUND. */
  get({ resource = "" }: GetIamPolicyRequest): Policy {
    this.#requireResource(resource);
    return this.#kept.get(resource) ?? { version: 1, bindings: [], etag: etagOf(0) };
  }

  /**
   * Sets the policy of a resource.
   *
   * @throws {StatusError} NOT_FOUND, INVALID_ARGUMENT without a policy, ABORTED when it carries the
   * etag of one that has been replaced.
   */
  async set({ resource = "", policy }: SetIamPolicyRequest): Promise<Policy> {
    this.#requireResource(resource);
    if (policy === undefined) throw missingField("policy");
    const before = this.get({ resource }).etag ?? etagOf(0);
    const { etag = new Uint8Array(), ...rest } = policy;
    if (etag.length > 0 && compareBytes(etag, before) !== 0) throw policyChangedMeanwhile();
    const changed = { ...rest, version: policy.version || 1, etag: etagOf(countOf(before) + 1) };
    await this.#kept.put(resource, changed, () => {
      const now = this.get({ resource }).etag ?? etagOf(0);
      if (compareBytes(now, before) !== 0) throw policyChangedMeanwhile();
    });
    return changed;
  }

  /** All permissions that are asked for are there. @throws {StatusError} NOT_FOUND, INVALID_ARGUMENT. */
  test({ resource = "", permissions = [] }: TestIamPermissionsRequest): TestIamPermissionsResponse {
    this.#requireResource(resource);
    const wildcard = permissions.find((permission) => permission.includes("*"));
    if (wildcard !== undefined) throw wildcardPermission(wildcard);
    return { permissions };
  }

  #requireResource(name: string): void {
    const match = resourcePattern.exec(name);
    if (match === null) {
      const expected =
        "the name of an instance, a database, a database role, a backup or a schedule";
      throw malformedName("resource", name, expected);
    }
    const { instance = "", database, schedule, backup } = match.groups ?? {};
    this.#registry.getInstance(instance);
    if (database !== undefined) this.#registry.getEntry(instance + database);
    if (backup !== undefined) this.#registry.backups.get(name);
    if (schedule !== undefined && this.#registry.messages.backupSchedules.get(name) === undefined) {
      throw resourceNotFound("Backup schedule", name);
    }
  }
}

const instancePart = "(?<instance>projects/[^/]+/instances/[^/]+)";
const databasePart =
  "(?<database>/databases/[^/]+)(?:(?<schedule>/backupSchedules/[^/]+)|/databaseRoles/[^/]+)?";
const backupPart = "(?<backup>/backups/[^/]+)";
const resourcePattern = new RegExp(`^${instancePart}(?:${databasePart}|${backupPart})?$`);

/** An etag counts how often a policy was set. */
function etagOf(count: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(4, count);
  return bytes;
}

function countOf(etag: Uint8Array): number {
  return new DataView(etag.buffer, etag.byteOffset, etag.byteLength).getUint32(4);
}
