// SPDX-License-Identifier: Apache-2.0
// How a method is written in HTTP. https://github.com/googleapis/googleapis/blob/master/google/api/http.proto

/** How a method is written in HTTP, as in google.api.HttpRule. */
export interface HttpRule {
  /** `GET`, `PUT`, `POST`, `DELETE`, `PATCH`, or a verb of the service's own. */
  readonly verb: string;
  /** `/v1/{name=projects/*}:cancel` */
  readonly path: string;
  /** The field that the body is; `*` for the whole message; empty for no body. Default empty. */
  readonly body?: string;
  /** The field of the answer that is sent alone. Default empty: the whole answer. */
  readonly responseBody?: string;
}

/** A rule for a method that its descriptors do not give. */
export interface AddedHttpRule extends HttpRule {
  /** Full name of the method: `google.longrunning.Operations.GetOperation`. */
  readonly method: string;
}
