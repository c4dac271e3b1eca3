// SPDX-License-Identifier: Apache-2.0
// The descriptor door: every message and service as data, for REST, reflection and Any.
export { descriptorSetBase64 } from "./gen/descriptors.ts";
