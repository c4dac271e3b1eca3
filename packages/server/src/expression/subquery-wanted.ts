// SPDX-License-Identifier: Apache-2.0
import { Code, StatusError } from "@spandrel/base";

/**
 * Thrown by an evaluation that came upon a subquery in a lambda, which could not be run before because
 * the lambda's arguments were not known. Whoever evaluates runs it and evaluates again; where nobody
 * does, it stands as an error of its own.
 */
export class SubqueryWanted extends StatusError {
  /** The subquery's number. */
  readonly query: number;
  /** Under which its outcome is looked for in the frame. */
  readonly key: string;

  constructor(query: number, key: string) {
    super(Code.UNIMPLEMENTED, "Subqueries in lambdas are not supported here");
    this.query = query;
    this.key = key;
  }
}
