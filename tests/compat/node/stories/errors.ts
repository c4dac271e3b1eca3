// SPDX-License-Identifier: Apache-2.0
// Failures: the code and the text that Cloud Spanner has for them, told at once.
//
// Google's client tries a call again for seven seconds when the server answers it with trailers alone,
// so each failure is also asked whether it was prompt.
import { failureOf, type Story, type Told } from "../story.ts";

export const errorStories: readonly Story[] = [
  {
    name: "inserting a row that exists fails at once",
    tell: ({ database }) =>
      failureOf(() => database.table("Singers").insert({ SingerId: 2, LastName: "Again" })),
    expected: failure("ALREADY_EXISTS", "Row [2] in table Singers already exists"),
  },
  {
    name: "updating a row that does not exist fails at once",
    tell: ({ database }) =>
      failureOf(() => database.table("Singers").update({ SingerId: 404, LastName: "Nobody" })),
    expected: failure("NOT_FOUND", "Row [404] in table Singers is missing. Row cannot be updated."),
  },
  {
    name: "a value that a column cannot take fails at once",
    tell: ({ database }) =>
      failureOf(() => database.table("Singers").insert({ SingerId: 9, LastName: null })),
    expected: failure("FAILED_PRECONDITION", "LastName must not be NULL in table Singers."),
  },
  {
    name: "a query of a table that does not exist fails at once",
    tell: ({ database }) => failureOf(() => database.run("SELECT * FROM Nowhere")),
    expected: failure(
      "INVALID_ARGUMENT",
      "Table not found: Nowhere [at 1:15]\nSELECT * FROM Nowhere\n              ^",
    ),
  },
  {
    name: "a query that cannot be read fails at once",
    tell: ({ database }) => failureOf(() => database.run("SELEC 1")),
    expected: failure(
      "INVALID_ARGUMENT",
      'Syntax error: Unexpected identifier "SELEC" [at 1:1]\nSELEC 1\n^',
    ),
  },
  {
    name: "a query that fails while it runs fails at once",
    tell: ({ database }) => failureOf(() => database.run("SELECT 1 / 0")),
    expected: failure("OUT_OF_RANGE", "division by zero: 1 / 0"),
  },
  {
    name: "a read of a table that does not exist fails at once",
    tell: ({ database }) =>
      failureOf(() => database.table("Nowhere").read({ columns: ["Id"], keySet: { all: true } })),
    expected: failure("NOT_FOUND", "Table not found: Nowhere"),
  },
  {
    name: "a database that does not exist is told as such",
    async tell({ instance }) {
      const database = instance.database("nowhere");
      const [exists] = await database.exists();
      return { exists };
    },
    expected: { exists: false },
  },
  {
    name: "a child without its parent fails at once",
    tell: ({ database }) =>
      failureOf(() => database.table("Albums").insert({ SingerId: 404, AlbumId: 1 })),
    expected: failure(
      "NOT_FOUND",
      "Parent row for row [404,1] in table Albums is missing. Row cannot be written.",
    ),
  },
];

function failure(code: string, text: string): Told {
  return { code, text, isPrompt: true };
}
