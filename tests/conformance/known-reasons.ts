// SPDX-License-Identifier: Apache-2.0
// Why the cases on the list of known failures fail. Each is named by the beginning of its id, or whole.

/** A reason, and the cases that it is about. */
export interface KnownReason {
  readonly reason: string;
  readonly cases: readonly string[];
}

const schemaChanges = "emulator/schema_changes/";
const parser = "googlesql/parser/";
const compliance = "googlesql/compliance/";

/** See the top of this file. */
export const knownReasons: readonly KnownReason[] = [
  {
    reason:
      "The data says that the change succeeds, and what stands there as the schema is the text of an error; ours has it.",
    cases: [
      ...[16, 17, 23, 26, 28, 29, 32, 33, 35].map(
        (number) => `${schemaChanges}column_default_values.test#${number}`,
      ),
      `${schemaChanges}column_on_update.test#11`,
      `${schemaChanges}column_on_update.test#12`,
      `${schemaChanges}search.test#1`,
      `${schemaChanges}search.test#2`,
      `${schemaChanges}search.test#9`,
    ],
  },
  {
    reason: "The place in the expected text counts a line that the data has lost.",
    cases: [22, 23, 61].map((number) => `${schemaChanges}foreign_key.test#${number}`),
  },
  {
    reason: "The expected picture has a space before a caret that is for the first column.",
    cases: [`${schemaChanges}check_constraint.test#28`, `${schemaChanges}check_constraint.test#30`],
  },
  {
    reason: "The expected text of an empty schema is a semicolon.",
    cases: [
      `${schemaChanges}combined.test#148`,
      `${schemaChanges}models.test#13`,
      `${schemaChanges}models.test#14`,
    ],
  },
  {
    reason: "The expected text begins with words of the test's own program.",
    cases: [`${schemaChanges}models.test#62`, `${schemaChanges}models.test#63`],
  },
  {
    reason: "EUCLIDEAN_DISTANCE over sparse vectors is not among Spanner's functions.",
    cases: [`${compliance}array_functions.test#euclidian_distance_shuffled_input_`],
  },
  {
    reason:
      "Every table of Spanner has a primary key, so the rows of the case cannot be there twice.",
    cases: [
      `${compliance}dml_insert.test#insert_existing_row_twice_no_primary_key`,
      `${compliance}dml_insert.test#insert_update_no_primary_key`,
    ],
  },
  {
    reason: "Spanner multiplies an INTERVAL by an INT64 only.",
    cases: [`${compliance}interval.test#multiply_double`],
  },
  {
    reason: "Which of several equal intervals a group shows is left open.",
    cases: [`${compliance}interval.test#group_by_interval_nanosecond_precision`],
  },
  {
    reason: "The case reads a view that its data does not create.",
    cases: [`${compliance}invoke_view.test#invoke_trival_view`],
  },
  {
    reason: "The order of rows whose counts are equal is left open.",
    cases: ["googlesql/docs/functions-and-operators.md#43259.982"],
  },
  {
    reason:
      "Chained calls are for expressions that need no operator; those after IN, UPDATE constructors and prefixed literals are refused.",
    cases: [`${parser}chained_function_calls.test#117`, `${parser}chained_function_calls.test#820`],
  },
  {
    reason:
      "A hexadecimal digit right behind the exponent of a float is refused as a missing space.",
    cases: [`${parser}floating_point_literals.test#324`],
  },
  {
    reason: "Functions as arguments, and paths as parameters of a lambda, mean nothing in Spanner.",
    cases: [`${parser}lambda.test#`],
  },
  {
    reason: "Taken by the grammar here, and refused by the analysis.",
    cases: [
      `${parser}parameters.test#844`,
      `${parser}pipe_join.test#498`,
      `${parser}qualify.test#170`,
    ],
  },
  {
    reason: "Named windows and window functions are not in Spanner.",
    cases: [`${parser}pipe_named_windows.test#116~extend`],
  },
  {
    reason:
      "An alias behind the outermost query in parentheses is for pipe syntax, and means nothing.",
    cases: [`${parser}pipe_parenthesized_query_alias.test#`],
  },
  {
    reason: "Outer modes of a pipe's UNION need BY NAME or CORRESPONDING to mean anything.",
    cases: [`${parser}pipe_recursive_union.test#507~left`, `${parser}pipe_set_operation.test#468~`],
  },
  {
    reason:
      "An extension as a field of a braced constructor, without a comma before it, is refused.",
    cases: [`${parser}proto_braced_constructors.test#682`],
  },
  {
    reason:
      "Tables with arguments, connections, and functions named by keywords as arguments of table functions are not in Spanner.",
    cases: [`${parser}tvf.test#`],
  },
];

/** The reasons that are about a case. */
export function reasonsOf(id: string): readonly KnownReason[] {
  return knownReasons.filter(({ cases }) => cases.some((each) => id.startsWith(each)));
}
