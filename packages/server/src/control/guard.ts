// SPDX-License-Identifier: Apache-2.0
// Who may control a server over HTTP. There is no password: whoever can open a connection may. On a
// loopback address those are the programs of this machine, and that is meant. A browser is one of them
// that acts for strangers, so two doors must be shut:
//
//  - A page of any site can send requests to 127.0.0.1; it cannot read the answers, but a POST would
//    have done its work by then. The browser says where such a request comes from, in `Origin` or
//    `Sec-Fetch-Site`, and a page cannot forge either; so what comes from elsewhere is refused.
//  - A site can have its own name point to 127.0.0.1 (DNS rebinding). Then the browser takes the server
//    for a part of the site, and neither header tells. But the request still asks for the site's name;
//    so on a loopback address only names of the loopback are answered.
//
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
import type { HttpRequest } from "@spandrel/rpc/serve";
import { foreignRequest } from "../errors/control.ts";

/** Whether a host, without a port, can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

/**
 * Judges where a request comes from; `host` is where the server listens.
 *
 * @throws {StatusError} PERMISSION_DENIED for a request that a page of another site has sent.
 */
export function requireFriend({ headers }: HttpRequest, host: string): void {
  // HTTP/2 has the name in a header of its own.
  const named = textOf(headers[":authority"]) ?? textOf(headers["host"]) ?? "";
  if (isLoopback(host) && !isLoopback(withoutPort(named))) {
    throw foreignRequest(
      `The host "${named}" is not answered here, only addresses of this machine such as 127.0.0.1.`,
    );
  }
  const origin = textOf(headers["origin"]);
  if (origin !== undefined && hostOfOrigin(origin) !== named) {
    throw foreignRequest(`Requests from pages of ${origin} are refused.`);
  }
  const site = textOf(headers["sec-fetch-site"]);
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    throw foreignRequest("Requests from pages of other sites are refused.");
  }
}

function withoutPort(authority: string): string {
  return authority.replace(/:\d*$/, "");
}

/** The host and port of an origin such as `http://127.0.0.1:9020`; undefined when it is none of ours. */
function hostOfOrigin(origin: string): string | undefined {
  return /^http:\/\/([^/]+)$/.exec(origin)?.[1];
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}
