import { readFileSync } from "node:fs";

import { parse } from "csv-parse/sync";

/** A known machine and a device that appeared later, labelled by a person. */
export interface IdentityPair {
  label: "same" | "different";
  why: string;
  known_client: string;
  known_serial: string;
  known_macs: string;
  known_hostname: string;
  known_maker: string;
  known_model: string;
  /** Sizes in bytes. */
  known_disks: string;
  client: string;
  serial: string;
  macs: string;
  hostname: string;
  maker: string;
  model: string;
  disks: string;
}

export const identityPairs = parse<IdentityPair>(readFileSync("tests/fixtures/identity-pairs.csv", "utf8"), {
  columns: true,
});
