// SPDX-License-Identifier: Apache-2.0
// Every document that is made from the code: `npm run reference` writes them, `--check` says which of
// them are stale. Needs `--conditions=source`; `--measure` runs the conformance cases as well.
import { brokenEvidence, printCompatibility } from "./compat-table.mjs";
import { printErrors } from "./errors-table.mjs";
import { printFunctions } from "./functions-table.mjs";
import { keep } from "./generated.mjs";
import { printLimits } from "./limits-table.mjs";

keep("docs/reference/functions.md", await printFunctions());
keep("docs/reference/errors.md", printErrors());
keep("docs/limits.md", printLimits());

const broken = brokenEvidence();
for (const each of broken) console.error(each);
if (broken.length > 0) process.exitCode = 1;
else keep("docs/compat.md", await printCompatibility());
