// SPDX-License-Identifier: Apache-2.0
// Arguments that mean something to a function: a path for JSON_VALUE, a pattern for REGEXP_CONTAINS.
// Chosen at random, most calls would fail before they did anything.

const small = ["0", "1", "2", "3", "-1", "-2", "5"];
const counts = ["0", "1", "2", "3", "7"];
const patterns = [
  "'a'",
  "'[a-c]+'",
  "'(b)'",
  "'^.'",
  "'x*'",
  "r'\\d+'",
  "'(?i)ABC'",
  "''",
  "r'\\pL'",
  "'.$'",
  "'a|b'",
  "'(a)(b)?'",
];
const paths = [
  "'$'",
  "'$.a'",
  "'$.a.b'",
  "'$.a.b[0]'",
  "'$[0]'",
  "'$[1][1].a'",
  "'$.c'",
  "'$.\"a\"'",
  "'$.zz'",
];
const jsonTexts = [
  '\'{"a": {"b": [1, "x"]}, "c": "d"}\'',
  "'[1, [2, {\"a\": 3}], null]'",
  "'1.50'",
  "'\"s\"'",
  "'null'",
  "'bad'",
  "' {\"a\" : 1.0 } '",
];
const zones = ["'UTC'", "'America/Los_Angeles'", "'Asia/Kolkata'", "'+05:30'", "'Europe/Berlin'"];
const dateFormats = [
  "'%Y-%m-%d'",
  "'%A %a %B %b %d %e'",
  "'%j %U %W %u %w %V %G %g'",
  "'%D %F %x %y %C %Q'",
  "'%%|%n|%t|%h'",
  "'%E4Y'",
];
const timeFormats = [
  ...dateFormats,
  "'%H:%M:%S'",
  "'%I:%M %p %P %k %l'",
  "'%c | %R | %T | %X | %r'",
  "'%s %Z %z %Ez'",
  "'%E3S %E*S %E6S'",
];
const timestampTexts = [
  "'2020-01-02 03:04:05'",
  "'2020-01-02T03:04:05.678Z'",
  "'2020-01-02'",
  "'2020-1-2 3:4:5+08'",
  "'2020-01-02 03:04:05 Asia/Tokyo'",
  "'nope'",
];
const unixTimes = ["0", "1600000000", "-1", "1234567890123", "-62135596800", "253402300799"];
const dateParts = [
  "DAY",
  "WEEK",
  "ISOWEEK",
  "MONTH",
  "QUARTER",
  "YEAR",
  "ISOYEAR",
  "WEEK(MONDAY)",
  "WEEK(SATURDAY)",
];
const timeParts = ["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY"];
const zeroToOne = ["0", "0.25", "-0.5", "1", "-1", "0.99"];
const reasonable = ["0.0", "1.0", "-1.5", "2.0", "0.5", "10.0", "-3.25", "100.0"];
const addresses = [
  "'1.2.3.4'",
  "'::1'",
  "'2001:db8::ff00:42:8329'",
  "'300.1.1.1'",
  "'::ffff:1.2.3.4'",
];
const packed = [
  "b'\\x01\\x02\\x03\\x04'",
  "b'\\x20\\x01\\x0d\\xb8\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01'",
];
const modes = ["'strict'", "'lax'", "'lax recursive'"];
const wide = ["'exact'", "'round'"];
const ofKinds = {
  BOOL: ["JSON 'true'", "JSON 'false'"],
  INT64: ["JSON '12'", "JSON '-5'", "JSON '1.0'", "JSON '\"7\"'"],
  FLOAT64: ["JSON '1.5'", "JSON '3'", "JSON '18446744073709551615'"],
  STRING: ["JSON '\"text\"'", "JSON '\"é\"'"],
};
const laxTexts = [
  "JSON '\"true\"'",
  "JSON '\"1.5\"'",
  "JSON '\" 12\"'",
  "JSON '2.5'",
  "JSON 'true'",
  "JSON '1e30'",
  "JSON '\"NaN\"'",
  "JSON '[1]'",
  "JSON 'null'",
];

/** What stands at the places of a function's arguments, in most calls. */
export const domains: Readonly<Record<string, readonly (readonly string[] | undefined)[]>> = {
  SUBSTR: [undefined, small, counts],
  SUBSTRING: [undefined, small, counts],
  LPAD: [undefined, counts, ["'ab'", "'é'", "' '"]],
  RPAD: [undefined, counts, ["'ab'", "'é'", "' '"]],
  REPEAT: [undefined, counts],
  SPLIT: [undefined, ["','", "'a'", "''", "' '", "'bc'"]],
  SPLIT_SUBSTR: [undefined, ["','", "'a'", "' '"], small, counts],
  REGEXP_CONTAINS: [undefined, patterns],
  REGEXP_EXTRACT: [undefined, patterns, ["1", "2"], ["1", "2"]],
  REGEXP_EXTRACT_ALL: [undefined, patterns],
  REGEXP_REPLACE: [undefined, patterns, ["''", "'x'", "r'<\\0>'", "r'\\1'"]],
  NORMALIZE: [undefined, ["NFC", "NFD", "NFKC", "NFKD"]],
  NORMALIZE_AND_CASEFOLD: [undefined, ["NFC", "NFD", "NFKC", "NFKD"]],
  CODE_POINTS_TO_STRING: [["[97, 98]", "[128512]", "[0]", "[NULL, 97]", "[1114112]", "[55296]"]],
  CODE_POINTS_TO_BYTES: [["[97, 255]", "[0]", "[256]", "[NULL]"]],
  FROM_HEX: [["'00ff'", "'ABC'", "''", "'zz'"]],
  FROM_BASE64: [["'AAEC'", "'/+A='", "''", "'a'", "'YQ=='"]],
  FROM_BASE32: [["'MFRGG==='", "''", "'ME======'", "'1'"]],
  PARSE_NUMERIC: [["'1,234.5'", "' - 12.34 '", "'1.5e3'", "'12.34-'", "'x'", "'$1'"]],
  GENERATE_ARRAY: [
    ["1", "0", "-3"],
    ["4", "6", "-1"],
    ["1", "2", "-1", "3"],
  ],
  GENERATE_DATE_ARRAY: [
    ["DATE '2020-01-30'", "DATE '2019-12-31'"],
    ["DATE '2020-03-02'", "DATE '2020-02-28'"],
    ["7", "1", "2", "-1"],
    ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"],
  ],
  GENERATE_TIMESTAMP_ARRAY: [
    ["TIMESTAMP '2020-01-01 00:00:00+00'"],
    ["TIMESTAMP '2020-01-01 05:00:00+00'", "TIMESTAMP '2020-01-03 00:00:00+00'"],
    ["6", "4", "90"],
    ["HOUR", "DAY", "MINUTE"],
  ],
  DATE: [
    ["2020", "1999", "1"],
    ["2", "12", "1", "13"],
    ["29", "1", "31"],
  ],
  DATE_ADD: [undefined, small, ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]],
  DATE_SUB: [undefined, small, ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]],
  DATE_DIFF: [undefined, undefined, dateParts],
  DATE_TRUNC: [undefined, dateParts],
  DATE_FROM_UNIX_DATE: [["0", "18000", "-719162", "2932896", "2932897"]],
  TIMESTAMP: [timestampTexts, zones],
  STRING: [undefined, zones],
  TIMESTAMP_ADD: [undefined, small, timeParts],
  TIMESTAMP_SUB: [undefined, small, timeParts],
  TIMESTAMP_DIFF: [undefined, undefined, timeParts],
  TIMESTAMP_TRUNC: [undefined, [...timeParts, ...dateParts], zones],
  TIMESTAMP_SECONDS: [unixTimes],
  TIMESTAMP_MILLIS: [unixTimes],
  TIMESTAMP_MICROS: [unixTimes],
  MAKE_INTERVAL: [small, small, small, small, small, small],
  FORMAT_DATE: [dateFormats],
  FORMAT_TIMESTAMP: [timeFormats, undefined, zones],
  PARSE_DATE: [
    ["'%Y-%m-%d'", "'%F'", "'%Y-%m-%e'"],
    ["'2020-02-29'", "'2021-12-31'", "'1970-1-1'", "'2020-2-3'", "'1 Feb 2020'"],
  ],
  PARSE_TIMESTAMP: [
    ["'%Y-%m-%d %H:%M:%S'", "'%F %T'", "'%Y-%m-%d %H:%M:%E*S'", "'%F %R:%S'"],
    ["'2020-02-29 01:02:03'", "'1999-12-31 23:59:59'", "'2020-02-29T01:02:03.45+01:00'"],
    zones,
  ],
  PARSE_JSON: [jsonTexts, wide],
  BOOL: [ofKinds.BOOL],
  INT64: [ofKinds.INT64],
  FLOAT64: [ofKinds.FLOAT64, wide],
  DOUBLE: [ofKinds.FLOAT64, wide],
  LAX_BOOL: [laxTexts],
  LAX_INT64: [laxTexts],
  LAX_FLOAT64: [laxTexts],
  LAX_STRING: [laxTexts],
  BOOL_ARRAY: [["JSON '[true, false]'"]],
  INT64_ARRAY: [["JSON '[1, -2]'"]],
  FLOAT64_ARRAY: [["JSON '[1, 2.5]'"], wide],
  STRING_ARRAY: [["JSON '[\"a\"]'"]],
  JSON_KEYS: [undefined, ["1", "2", "3"], modes],
  JSON_SET: [undefined, paths],
  JSON_ARRAY_APPEND: [undefined, paths],
  JSON_ARRAY_INSERT: [undefined, ["'$[0]'", "'$.a.b[1]'", "'$[5]'"]],
  JSON_REMOVE: [undefined, paths.slice(1), paths.slice(1)],
  JSON_STRIP_NULLS: [undefined, paths],
  ROUND: [undefined, small, ["'ROUND_HALF_EVEN'", "'ROUND_HALF_AWAY_FROM_ZERO'"]],
  TRUNC: [undefined, small],
  POW: [reasonable, reasonable],
  POWER: [reasonable, reasonable],
  EXP: [reasonable],
  LN: [["1.0", "2.0", "0.5", "10.0", "0.0"]],
  LOG: [
    ["1.0", "8.0", "0.5", "100.0"],
    ["2.0", "10.0", "0.5"],
  ],
  LOG10: [["1.0", "1000.0", "0.5"]],
  SQRT: [["0.0", "2.0", "9.0", "1e10"]],
  ASIN: [zeroToOne],
  ACOS: [zeroToOne],
  ATANH: [zeroToOne],
  ACOSH: [["1.0", "2.5"]],
  SINH: [reasonable],
  COSH: [reasonable],
  "NET.IP_FROM_STRING": [addresses],
  "NET.SAFE_IP_FROM_STRING": [addresses],
  "NET.IP_TO_STRING": [packed],
  "NET.IP_NET_MASK": [
    ["4", "16"],
    ["0", "8", "20", "32"],
  ],
  "NET.IP_TRUNC": [packed, ["0", "8", "20", "32"]],
  "NET.IPV4_FROM_INT64": [["0", "4294967295", "-1", "16909060"]],
  "NET.IPV4_TO_INT64": [packed],
  "NET.HOST": [["'http://a.b.com:80/x'", "'//x.org'", "'mailto:a@b'", "' HTTP://É.com '"]],
  ...Object.fromEntries(
    ["JSON_QUERY", "JSON_EXTRACT", "JSON_VALUE", "JSON_EXTRACT_SCALAR"].flatMap((name) => [
      [name, [jsonTexts, paths]],
      [`${name.replace("_SCALAR", "_STRING")}_ARRAY`, [jsonTexts, paths]],
    ]),
  ),
};
