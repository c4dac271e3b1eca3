// SPDX-License-Identifier: Apache-2.0
// What a program holds: a client, its instances, their databases. Making any of them sends nothing.
import {
  type Clock,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from "@spandrel/base";
import { parseInstanceName, projectName } from "@spandrel/model";
import type {
  DirectedReadOptions,
  ExecuteSqlRequest_QueryOptions as QueryOptions,
} from "@spandrel/protocol";
import type { InstanceConfig as InstanceConfigMessage } from "@spandrel/protocol/admin";
import { createGrpcTransport, type Transport } from "@spandrel/rpc";
import { DatabaseAdmin } from "../admin/database-admin.ts";
import type { ListOptions } from "../admin/database-settings.ts";
import { InstanceAdmin } from "../admin/instance-admin.ts";
import type { InstanceSettings } from "../admin/instance-settings.ts";
import { Caller } from "../call/caller.ts";
import { type ObservabilityOptions, Observer } from "../call/observer.ts";
import { keepInThread } from "../call/own-thread.ts";
import { noProject } from "../errors/admin.ts";
import { type Environment, multiplexedForAll } from "../session/sessions-manager.ts";
import type { DefaultTransactionOptions } from "../transaction/context.ts";
import type { ClientContextValues } from "../transaction/request-options.ts";
import type { DecodeOptions } from "../values/decode.ts";
import type { ClientContext } from "./client-context.ts";
import { Instance } from "./instance.ts";
import { systemEnvironment } from "./system-environment.ts";
import { type Target, type TargetOptions, targetOf } from "./target.ts";

/** What a client may be made with. */
export interface ClientOptions extends DecodeOptions, TargetOptions {
  /**
   * The project's id. Default: GOOGLE_CLOUD_PROJECT, then GCLOUD_PROJECT, of the environment; with
   * `omniHost`, `default`.
   */
  readonly project?: string | undefined;
  /** How calls travel, instead of all that says where and how. The client does not close it. */
  readonly transport?: Transport | undefined;
  /**
   * Connections to spread calls over, opened as they are needed; those of one transaction keep to one
   * as long as it lasts. `{ min, max }`: up to `max`, of which those beyond `min` are closed when they
   * had no call for one to two minutes. Default 4.
   */
  readonly channels?: number | { readonly min: number; readonly max: number } | undefined;
  /** Whether calls that write go straight to the leader's region. Default true. */
  readonly routeToLeaderEnabled?: boolean | undefined;
  /** Which replicas serve read-only requests that do not say. */
  readonly directedReadOptions?: DirectedReadOptions | undefined;
  /** Defaults of read-write transactions. */
  readonly defaultTransactionOptions?: DefaultTransactionOptions | undefined;
  /**
   * Defaults of queries. SPANNER_OPTIMIZER_VERSION and SPANNER_OPTIMIZER_STATISTICS_PACKAGE of the
   * environment go before them, and what a query says itself before both.
   */
  readonly queryOptions?: QueryOptions | undefined;
  /** Who may watch: spans and metrics. Default: nobody. */
  readonly observability?: ObservabilityOptions | undefined;
  /** What every request for data says of its caller, for policies that ask for it. Default nothing. */
  readonly clientContext?: ClientContextValues | undefined;
  /** Variables that stand for the process's environment. */
  readonly environment?: Environment | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Default: the machine's. */
  readonly random?: Random | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

const CHANNELS = 4;
const KEEP_ALIVE_MILLIS = 120_000;

/**
 * Cloud Spanner, as one program calls it.
 *
 *     await using client = new Client({ project: "my-project" });
 *     const database = client.instance("my-instance").database("my-database");
 *     for await (const row of database.query("SELECT 1 AS one")) console.log(row);
 */
export class Client implements AsyncDisposable {
  readonly project: string;
  /** Every call of the service of instances, as the service defines it. */
  readonly instanceAdmin: InstanceAdmin;
  /** Every call of the service of databases and backups, as the service defines it. */
  readonly databaseAdmin: DatabaseAdmin;
  readonly #context: ClientContext;
  readonly #transport: Transport;
  readonly #ownsTransport: boolean;
  readonly #options: ClientOptions;
  readonly #endWatch: () => void;

  /**
   * @throws {SpannerError} INVALID_ARGUMENT when no project is known, or options do not go together.
   */
  constructor(options: ClientOptions = {}) {
    const environment = environmentOf(options);
    const project = projectOf(options, environment);
    const target = targetOf(options, environment);
    const clock = options.clock ?? systemClock;
    this.project = project;
    this.#ownsTransport = options.transport === undefined;
    this.#transport = options.transport ?? transportOf(target, options.channels, clock);
    const caller = new Caller({
      observer: new Observer({
        ...options.observability,
        clock,
        environment,
        address: target.address,
      }),
      transport: this.#transport,
      clock,
      random: options.random ?? systemRandom,
      logger: options.logger ?? silentLogger,
      routeToLeaderEnabled: options.routeToLeaderEnabled ?? true,
    });
    this.instanceAdmin = new InstanceAdmin(caller);
    this.databaseAdmin = new DatabaseAdmin(caller);
    this.#context = {
      caller,
      instanceAdmin: this.instanceAdmin,
      databaseAdmin: this.databaseAdmin,
      project,
      environment,
      decode: { int64: options.int64, protos: options.protos },
      clientContext: options.clientContext,
      queryOptions: { ...options.queryOptions, ...queryOptionsOf(environment) },
      directedReadOptions: options.directedReadOptions,
      defaultTransactionOptions: options.defaultTransactionOptions ?? {},
      open: new Set(),
    };
    const { open } = this.#context;
    this.#endWatch = caller.observer.watchSessions(() =>
      [...open].map((database) => database.sessionCounts()),
    );
    this.#options = options;
    keepInThread(this, "Client");
  }

  /** Another client with the same options but for those given; it shares a transport that was given. */
  copy(changes: ClientOptions = {}): Client {
    return new Client({ ...this.#options, ...changes });
  }

  /** The project's name: `projects/p`. */
  get projectName(): string {
    return projectName(this.project);
  }

  /** An instance, by its id; whether it exists is not asked. */
  instance(id: string, settings: InstanceSettings = {}): Instance {
    return new Instance(this.#context, id, settings);
  }

  /** Every instance of the project. */
  async *listInstances(options: ListOptions = {}): AsyncGenerator<Instance, void, undefined> {
    const { pageSize, filter } = options;
    const request = { parent: this.projectName, pageSize, filter };
    for await (const message of this.instanceAdmin.listInstances(request, options)) {
      const id = parseInstanceName(message.name ?? "")?.instance ?? "";
      yield Instance.fromMessage(this.#context, id, message);
    }
  }

  /** Every configuration that instances of the project may have. */
  listInstanceConfigs(
    options: ListOptions = {},
  ): AsyncGenerator<InstanceConfigMessage, void, undefined> {
    const { pageSize } = options;
    const request = { parent: this.projectName, pageSize };
    return this.instanceAdmin.listInstanceConfigs(request, options);
  }

  /** Closes the databases made from this client and then its connections. Harmless when done before. */
  async close(): Promise<void> {
    this.#endWatch();
    await Promise.all([...this.#context.open].map((database) => database.close()));
    this.#context.caller.close();
    if (this.#ownsTransport) await this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function projectOf(options: ClientOptions, environment: Environment): string {
  const isOmni = options.omniHost !== undefined;
  const project =
    options.project ??
    (isOmni ? "default" : undefined) ??
    environment["GOOGLE_CLOUD_PROJECT"] ??
    environment["GCLOUD_PROJECT"];
  if (!project) throw noProject();
  return project;
}

/** Spanner Omni has no regular sessions, whatever the environment says. */
function environmentOf({ environment = systemEnvironment, omniHost }: ClientOptions): Environment {
  return omniHost === undefined ? environment : { ...environment, ...multiplexedForAll };
}

function transportOf(
  { address, tls, credentials }: Target,
  channels: ClientOptions["channels"] = CHANNELS,
  clock: Clock,
): Transport {
  return createGrpcTransport({
    address,
    channels,
    clock,
    tls,
    metadata: credentials,
    // What answers in clear text is near by.
    keepAliveMillis: tls === undefined ? undefined : KEEP_ALIVE_MILLIS,
  });
}

function queryOptionsOf(environment: Environment): QueryOptions {
  const optimizerVersion = environment["SPANNER_OPTIMIZER_VERSION"];
  const optimizerStatisticsPackage = environment["SPANNER_OPTIMIZER_STATISTICS_PACKAGE"];
  return {
    ...(optimizerVersion && { optimizerVersion }),
    ...(optimizerStatisticsPackage && { optimizerStatisticsPackage }),
  };
}
