// SPDX-License-Identifier: Apache-2.0

/**
 * What our engine takes beyond the features that the other engine has on for Spanner: switched on
 * there too, so that values are compared instead of refusals.
 */
export const moreFeatures: readonly string[] = [
  "FEATURE_V_1_3_IS_DISTINCT",
  "FEATURE_V_1_3_NULLS_FIRST_LAST_IN_ORDER_BY",
  "FEATURE_V_1_3_DATE_ARITHMETICS",
  "FEATURE_V_1_3_DATE_TIME_CONSTRUCTORS",
  "FEATURE_V_1_3_ALLOW_REGEXP_EXTRACT_OPTIONALS",
  "FEATURE_V_1_2_WEEK_WITH_WEEKDAY",
  "FEATURE_V_1_3_LIKE_ANY_SOME_ALL",
  "FEATURE_ROUND_WITH_ROUNDING_MODE",
  "FEATURE_CBRT_FUNCTIONS",
  "FEATURE_V_1_4_PI_FUNCTIONS",
  "FEATURE_INVERSE_TRIG_FUNCTIONS",
];
