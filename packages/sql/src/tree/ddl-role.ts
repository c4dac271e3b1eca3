// SPDX-License-Identifier: Apache-2.0

import type { Identifier, Path, TreeNode } from "./position.ts";

/** `CREATE ROLE name`. */
export interface CreateRole extends TreeNode {
  readonly kind: "create-role";
  readonly name: Identifier;
}

/** `GRANT privileges ON objects TO ROLE roles`, or `GRANT ROLE roles TO ROLE roles`. */
export interface Grant extends TreeNode {
  readonly kind: "grant";
  readonly granted: Granted;
  readonly roles: readonly Identifier[];
}

/** `REVOKE privileges ON objects FROM ROLE roles`, or `REVOKE ROLE roles FROM ROLE roles`. */
export interface Revoke extends TreeNode {
  readonly kind: "revoke";
  readonly granted: Granted;
  readonly roles: readonly Identifier[];
}

/** What a role is given: privileges on objects, or membership of other roles. */
export type Granted =
  | { readonly kind: "roles"; readonly roles: readonly Identifier[] }
  | {
      readonly kind: "privileges";
      readonly privileges: readonly Privilege[];
      readonly target: GrantTarget;
    };

/** `SELECT`, or `SELECT(a, b)` on some columns. */
export interface Privilege extends TreeNode {
  readonly kind: "privilege";
  readonly name: "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "EXECUTE" | "USAGE";
  /** Empty means the whole object. */
  readonly columns: readonly Identifier[];
}

/** The objects a privilege is about. */
export type GrantTarget =
  | { readonly kind: "objects"; readonly type: GrantableType; readonly names: readonly Path[] }
  | {
      readonly kind: "all-in-schema";
      readonly type: GrantableType;
      readonly schemas: readonly Path[];
    };

/** The kinds of objects that privileges are given on. */
export type GrantableType =
  | "TABLE"
  | "VIEW"
  | "CHANGE STREAM"
  | "TABLE FUNCTION"
  | "FUNCTION"
  | "SEQUENCE"
  | "MODEL"
  | "SCHEMA";
