// SPDX-License-Identifier: Apache-2.0
import type { Relation } from "./resolved.ts";

/** A relation with its inputs changed, each by itself; one without inputs is given back as it is. */
export function mapInputs(relation: Relation, change: (input: Relation) => Relation): Relation {
  switch (relation.kind) {
    case "join":
      return { ...relation, left: change(relation.left), right: change(relation.right) };
    case "set operation":
      return {
        ...relation,
        inputs: relation.inputs.map((input) => ({ ...input, relation: change(input.relation) })),
      };
    case "filter":
    case "compute":
    case "aggregate":
    case "sort":
    case "limit":
    case "sample":
      return { ...relation, input: change(relation.input) };
    default:
      return relation;
  }
}
