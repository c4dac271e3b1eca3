// SPDX-License-Identifier: Apache-2.0
// Spanner's values, types and names, shared by the client and the server.
export {
  type CivilDay,
  civilFromDays,
  DATE_MAX,
  DATE_MIN,
  daysFromCivil,
  daysInMonth,
  isCivilDay,
  parseDate,
  printDate,
} from "./date.ts";
export {
  INTERVAL_DAYS_MAX,
  INTERVAL_MONTHS_MAX,
  INTERVAL_NANOS_MAX,
  isIntervalInRange,
  parseInterval,
  printInterval,
} from "./interval.ts";
export {
  isArray,
  isObject,
  JSON_DEPTH_MAX,
  JsonFormatError,
  type JsonTree,
  normalizeJson,
  parseJson,
  printJson,
  printJsonNumber,
  printJsonPretty,
  printJsonString,
  type WideNumberMode,
} from "./json.ts";
export {
  type DatabaseName,
  databaseName,
  type InstanceName,
  instanceName,
  isDatabaseId,
  isInstanceId,
  parseDatabaseName,
  parseInstanceName,
  parseSessionName,
  projectName,
  type SessionName,
  sessionName,
} from "./names.ts";
export {
  isNumericInRange,
  NUMERIC_MAX,
  NUMERIC_SCALE,
  parseNumeric,
  printNumeric,
} from "./numeric.ts";
export { type Comparator, comparatorOf, compareText } from "./order.ts";
export {
  durationToProto,
  nanosFromProto,
  parseTimestamp,
  printTimestamp,
  type SecondsAndNanos,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
  timestampToProto,
} from "./timestamp.ts";
export {
  type ArrayType,
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  FLOAT32,
  FLOAT64,
  INT64,
  INTERVAL,
  JSON_TYPE,
  type NamedType,
  NUMERIC,
  printType,
  type ScalarKind,
  type ScalarType,
  STRING,
  type StructField,
  type StructType,
  scalarTypeNamed,
  structOf,
  TIMESTAMP,
  type Type,
  typesEqual,
  UUID,
} from "./type.ts";
export { parseUuid } from "./uuid.ts";
export { INT64_MAX, INT64_MIN, type IntervalValue, type Value } from "./value.ts";
export {
  decodeValue,
  encodeValue,
  typeFromProto,
  typeToProto,
  WireFormatError,
  type WireValue,
} from "./wire.ts";
