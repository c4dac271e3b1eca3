// SPDX-License-Identifier: Apache-2.0
// How features are told: what it is, the page of Spanner's documentation, and what shows that it
// holds. Nothing holds here without a test by its title, a golden, or a story of another client.

const docs = "https://cloud.google.com/spanner/docs";

/** A feature that holds. `link` goes on from the root of Spanner's documentation. */
export const feature = (says, link, ...shown) => ({
  says,
  link: linkTo(link),
  shown: shown.flat(),
});

/** A feature that holds but for what `but` says. */
export const partly = (says, but, link, ...shown) => ({ ...feature(says, link, ...shown), but });

/** A feature that is not there; it is no longer told as such once a call of `calls` is served. */
export const missing = (says, link, { but = "", calls = [] } = {}) => ({
  ...feature(says, link),
  but,
  calls,
  isMissing: true,
});

/** Tests of a file, by their titles as the source has them. */
export const tests = (file, ...titles) => titles.map((title) => ({ file, title }));

/** Goldens of the server. */
export const goldens = (...names) =>
  names.map((name) => ({ file: `packages/server/golden/${name}.golden` }));

/** What Google's client for Node tells. */
export const stories = (file, ...titles) =>
  tests(`tests/compat/node/stories/${file}.ts`, ...titles);

const linkTo = (link) => (link.startsWith("https://") ? link : `${docs}/${link}`);
