// SPDX-License-Identifier: Apache-2.0
// Faults of the disk under a data folder, by rule: operations that are slow, or fail with an error of
// the system. What fails has done nothing, as with a real disk that is full.
import type { Clock } from "@spandrel/base";
import { Fields, type Occasion, OccasionCounter, readOccasion, wrongField } from "@spandrel/rpc";
import { type Disk, type DiskOperation, diskOperations, interceptDisk } from "@spandrel/store";
import { nothingOnDisk } from "../errors/control.ts";

/** Which operations are struck, and by what: `delayMillis`, `errorCode`, or first one, then the other. */
export interface DiskFaultRule extends Occasion {
  /** `write`, `sync`, `rename` …, or `*` for every operation. */
  readonly operation: DiskOperation | "*";
  /** Only paths that contain this: `/log-`, `/checkpoint-`, `catalog`. Default: every path. */
  readonly path?: string | undefined;
  /** Waits for so long, by the server's clock. */
  readonly delayMillis?: number | undefined;
  /** The code of the system's error, such as `ENOSPC` or `EIO`. */
  readonly errorCode?: string | undefined;
}

/** A rule, and what became of it. */
export interface DiskFault {
  readonly id: string;
  readonly rule: DiskFaultRule;
  /** How many operations it was about. */
  readonly matched: number;
  /** How many of them it has struck. */
  readonly struck: number;
}

interface Entry {
  readonly id: string;
  readonly rule: DiskFaultRule;
  readonly counter: OccasionCounter;
}

/** The rules of a server; see the top of this file. */
export class DiskFaults {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #isInUse = false;
  #added = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same disk, struck by the rules. */
  intercept(disk: Disk): Disk {
    this.#isInUse = true;
    return interceptDisk(disk, (operation, path) => {
      return this.#entries.size === 0 ? undefined : this.#before(operation, path);
    });
  }

  /**
   * From now on the rule holds; gives what to remove it by.
   *
   * @throws {StatusError} INVALID_ARGUMENT with the name of the field that is wrong,
   * FAILED_PRECONDITION when nothing of the server is kept on a disk.
   */
  add(rule: DiskFaultRule): DiskFault {
    const read = readRule(rule);
    if (!this.#isInUse) throw nothingOnDisk();
    this.#added++;
    const entry = { id: String(this.#added), rule: read, counter: new OccasionCounter(read) };
    this.#entries.set(entry.id, entry);
    return faultOf(entry);
  }

  /** A rule by its id; undefined when there is none. */
  get(id: string): DiskFault | undefined {
    const entry = this.#entries.get(id);
    return entry === undefined ? undefined : faultOf(entry);
  }

  /** Every rule, in the order in which they were added. */
  list(): readonly DiskFault[] {
    return [...this.#entries.values()].map(faultOf);
  }

  /** Whether there was such a rule. */
  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** Removes every rule. */
  clear(): void {
    this.#entries.clear();
  }

  async #before(operation: DiskOperation, path: string): Promise<void> {
    const struck = [...this.#entries.values()].filter(({ rule, counter }) => {
      const isAbout =
        (rule.operation === "*" || rule.operation === operation) && path.includes(rule.path ?? "");
      return isAbout && counter.strikes();
    });
    for (const { rule } of struck) {
      if (rule.delayMillis !== undefined) await this.#clock.sleep(rule.delayMillis);
      if (rule.errorCode !== undefined) throw systemError(rule.errorCode, operation, path);
    }
  }
}

function readRule(value: unknown): DiskFaultRule {
  const fields = new Fields(value);
  const rule = {
    operation: fields.oneOf("operation", [...diskOperations, "*"]),
    path: fields.text("path"),
    ...readOccasion(fields),
    delayMillis: fields.number("delayMillis", 0),
    errorCode: fields.text("errorCode"),
  };
  fields.end();
  const { operation, delayMillis, errorCode } = rule;
  if (operation === undefined) throw wrongField("operation", "is required");
  if (errorCode !== undefined && !/^E[A-Z0-9]+$/.test(errorCode)) {
    throw wrongField("errorCode", "must be a code of the system, such as ENOSPC");
  }
  if (delayMillis === undefined && errorCode === undefined) {
    throw wrongField("errorCode", "is required, or delayMillis");
  }
  return { ...rule, operation };
}

/** An error as Node's own files throw it. */
function systemError(code: string, operation: string, path: string): Error {
  const error = new Error(`${code}: injected fault, ${operation} '${path}'`);
  return Object.assign(error, { code, syscall: operation, path });
}

function faultOf({ id, rule, counter: { matched, struck } }: Entry): DiskFault {
  return { id, rule, matched, struck };
}
