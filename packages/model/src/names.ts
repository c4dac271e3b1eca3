// SPDX-License-Identifier: Apache-2.0
// Resource names: `projects/p/instances/i/databases/d/sessions/s`, taken apart and put together.

/** A project, an instance in it, a database in that, a session of that. */
export interface InstanceName {
  readonly project: string;
  readonly instance: string;
}
export interface DatabaseName extends InstanceName {
  readonly database: string;
}
export interface SessionName extends DatabaseName {
  readonly session: string;
}

const part = "([^/]+)";
const instancePattern = new RegExp(`^projects/${part}/instances/${part}$`);
const databasePattern = new RegExp(`^projects/${part}/instances/${part}/databases/${part}$`);
const sessionPattern = new RegExp(
  `^projects/${part}/instances/${part}/databases/${part}/sessions/${part}$`,
);

/** The name of a project: `projects/p`. */
export function projectName(project: string): string {
  return `projects/${project}`;
}

/** The name of an instance: `projects/p/instances/i`. */
export function instanceName({ project, instance }: InstanceName): string {
  return `projects/${project}/instances/${instance}`;
}

/** The name of a database: `projects/p/instances/i/databases/d`. */
export function databaseName(name: DatabaseName): string {
  return `${instanceName(name)}/databases/${name.database}`;
}

/** The name of a session: `projects/p/instances/i/databases/d/sessions/s`. */
export function sessionName(name: SessionName): string {
  return `${databaseName(name)}/sessions/${name.session}`;
}

/** Takes an instance's name apart; undefined when it is none. */
export function parseInstanceName(name: string): InstanceName | undefined {
  const match = instancePattern.exec(name);
  if (match === null) return undefined;
  const [, project = "", instance = ""] = match;
  return { project, instance };
}

/** Takes a database's name apart; undefined when it is none. */
export function parseDatabaseName(name: string): DatabaseName | undefined {
  const match = databasePattern.exec(name);
  if (match === null) return undefined;
  const [, project = "", instance = "", database = ""] = match;
  return { project, instance, database };
}

/** Takes a session's name apart; undefined when it is none. */
export function parseSessionName(name: string): SessionName | undefined {
  const match = sessionPattern.exec(name);
  if (match === null) return undefined;
  const [, project = "", instance = "", database = "", session = ""] = match;
  return { project, instance, database, session };
}

const instanceIdPattern = /^[a-z][-a-z0-9]{0,62}[a-z0-9]$/;
const databaseIdPattern = /^[a-z][a-z0-9_-]{0,28}[a-z0-9]$/;

/** Whether an instance may be called so: 2 to 64 characters, `[a-z][-a-z0-9]*[a-z0-9]`. */
export function isInstanceId(id: string): boolean {
  return instanceIdPattern.test(id);
}

/** Whether a database may be called so: 2 to 30 characters, `[a-z][a-z0-9_-]*[a-z0-9]`. */
export function isDatabaseId(id: string): boolean {
  return databaseIdPattern.test(id);
}
