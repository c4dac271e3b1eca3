// SPDX-License-Identifier: Apache-2.0
// Locality groups and placements.
import type { Options } from "@spandrel/sql";
import type { Definition } from "../schema/schema.ts";
import { definitionsOf, optionFacts, type Teller } from "./description.ts";

function optionsOf({ statement }: Definition): Options | undefined {
  return "options" in statement ? statement.options : undefined;
}

/** The default placement is where everything lies that names no other. */
const placements: Teller = (schema) => [
  { PLACEMENT_NAME: "default", IS_DEFAULT: true },
  ...definitionsOf(schema, "PLACEMENT").map(({ name }) => ({
    PLACEMENT_NAME: name,
    IS_DEFAULT: false,
  })),
];

const placementOptions: Teller = (schema) =>
  definitionsOf(schema, "PLACEMENT").flatMap((placement) =>
    optionFacts(optionsOf(placement)).map((fact) => ({
      PLACEMENT_NAME: placement.name,
      ...fact,
    })),
  );

const localityGroupOptions: Teller = (schema) =>
  definitionsOf(schema, "LOCALITY GROUP").flatMap((group) =>
    optionFacts(optionsOf(group)).map((fact) => ({ LOCALITY_GROUP_NAME: group.name, ...fact })),
  );

/** The tellers of these tables. */
export const placeTellers: Readonly<Record<string, Teller>> = {
  PLACEMENTS: placements,
  PLACEMENT_OPTIONS: placementOptions,
  LOCALITY_GROUP_OPTIONS: localityGroupOptions,
};
