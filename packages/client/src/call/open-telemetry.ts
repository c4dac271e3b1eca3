// SPDX-License-Identifier: Apache-2.0
// The few shapes of OpenTelemetry's API that the client touches, so that it needs no package for it.
// What `@opentelemetry/api` gives fits them; so does anything else of these shapes.

/** What may be said about a span or a measurement. */
export type Attributes = Record<string, string | number | boolean>;

/** A span of a trace. */
export interface Span {
  setAttribute(name: string, value: string | number | boolean): unknown;
  addEvent(name: string, attributes?: Attributes): unknown;
  /** 1 is OK, 2 is ERROR. */
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(error: Error): void;
  spanContext(): {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceFlags: number;
  };
  end(): void;
}

/** How a span begins. */
export interface SpanOptions {
  /** 2 is CLIENT. */
  kind?: number;
  attributes?: Attributes;
}

/** Makes spans. */
export interface Tracer {
  startSpan(name: string, options?: SpanOptions): Span;
  /** Makes a span that is the parent of those that are made while the function runs. */
  startActiveSpan<T>(name: string, options: SpanOptions, run: (span: Span) => T): T;
}

/** Where tracers come from: `trace.getTracerProvider()` of `@opentelemetry/api`. */
export interface TracerProvider {
  getTracer(name: string, version?: string): Tracer;
}

/** Takes durations. */
export interface Histogram {
  record(value: number, attributes?: Attributes): void;
}

/** Takes counts. */
export interface Counter {
  add(value: number, attributes?: Attributes): void;
}

/** Where an observation is told. */
export interface ObservableResult {
  observe(value: number, attributes?: Attributes): void;
}

/** Asked for its value whenever metrics are collected. */
export interface ObservableGauge {
  addCallback(callback: (result: ObservableResult) => void): void;
  removeCallback(callback: (result: ObservableResult) => void): void;
}

/** How an instrument is described. */
export interface InstrumentOptions {
  description?: string;
  unit?: string;
}

/** Makes instruments. */
export interface Meter {
  createHistogram(name: string, options?: InstrumentOptions): Histogram;
  createCounter(name: string, options?: InstrumentOptions): Counter;
  createObservableGauge(name: string, options?: InstrumentOptions): ObservableGauge;
}

/** Where meters come from: `metrics.getMeterProvider()` of `@opentelemetry/api`. */
export interface MeterProvider {
  getMeter(name: string, version?: string): Meter;
}
