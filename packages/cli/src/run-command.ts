// SPDX-License-Identifier: Apache-2.0
// The command line: which command, and what to say when it is none.
import { createRequire } from "node:module";
import { start } from "./commands/start.ts";
import type { Console } from "./console.ts";
import { UsageError } from "./usage-error.ts";

const usage = `Usage: spandrel <command> [options]

Commands
  start   Serve Spanner's protocol on this machine, until Ctrl-C.

Options of start
  --host HOST        Address to listen on.                     Default 127.0.0.1
  --port PORT        gRPC port; 0 is any free one.             Default 9010
  --rest-port PORT   REST port; 0 is any free one.             Default 9020
  --data DIR         Folder to keep everything in.             Default none: in memory
  --control          Answer tests and tools under /spandrel/v1/. Default for a loopback host
  --no-control       Do not.                                   Default for any other host

  --help             Print this.
  --version          Print the version.`;

/** Runs a command; gives the exit code: 0 when it went well, 1 when it failed, 2 for a wrong call. */
export async function runCommand(words: readonly string[], console: Console): Promise<number> {
  const [command, ...rest] = words;
  try {
    switch (command) {
      case "start":
        return await start(rest, console);
      case "--version":
        console.out(version);
        return 0;
      case "--help":
      case "help":
        console.out(usage);
        return 0;
      case undefined:
        console.error(usage);
        return 2;
      default:
        throw new UsageError(`Unknown command "${command}".`);
    }
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    console.error(`${thrown.message} Try \`spandrel --help\`.`);
    return 2;
  }
}

/** The package's own description stands beside src and dist alike. */
const description = createRequire(import.meta.url)("../package.json") as {
  readonly version: string;
};
const { version } = description;
