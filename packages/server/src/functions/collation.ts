// SPDX-License-Identifier: Apache-2.0
// Collations of ORDER BY: a language tag, and `:ci` behind it when case makes no difference.
// https://cloud.google.com/spanner/docs/reference/standard-sql/collation-concepts
import { compareText } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";

/** The order of code points has names too. */
const binaryNames = new Set(["", "binary", "unicode:cs", "unicode", "und:cs"]);

/** Whether there is such a collation. */
export function isCollation(name: string): boolean {
  return binaryNames.has(name.toLowerCase()) || partsOf(name) !== undefined;
}

/** What is wrong with a name that is no collation: OUT_OF_RANGE. */
export function invalidCollation(name: string): Error {
  const reason = /^[^:]+:(?:ci|cs):/.test(name)
    ? ":only case sensitivity attribute is supported"
    : "";
  return evaluationFailed(`COLLATE has invalid collation name '${name}'${reason}`);
}

interface CollationParts {
  readonly tag: string;
  readonly ignoresCase: boolean;
}

function partsOf(name: string): CollationParts | undefined {
  const [tag = "", attribute, ...more] = name.split(":");
  if (more.length > 0 || ![undefined, "ci", "cs"].includes(attribute?.toLowerCase())) {
    return undefined;
  }
  const language = tag.replaceAll("_", "-");
  const known = language.toLowerCase() === "unicode" ? "und" : language;
  try {
    return Intl.Collator.supportedLocalesOf(known).length > 0 || known === "und"
      ? { tag: known, ignoresCase: attribute?.toLowerCase() === "ci" }
      : undefined;
  } catch {
    // The runtime refuses what is no language tag.
    return undefined;
  }
}

/** The order of texts in a collation. */
export function collationOf(name: string): (left: string, right: string) => number {
  const parts = binaryNames.has(name.toLowerCase()) ? undefined : partsOf(name);
  if (parts === undefined) return compareText;
  const collator = new Intl.Collator(parts.tag, {
    sensitivity: parts.ignoresCase ? "accent" : "variant",
  });
  return collator.compare;
}
