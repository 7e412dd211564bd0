import { mkdirSync } from "node:fs";
import path from "node:path";

import { SIMULATOR_API_KEY, SIMULATOR_READ_ONLY_API_KEY } from "../level-simulator";

/** `level` serves the simulated Level API. */
export interface E2ePorts {
  app: number;
  level: number;
}

/** Number of companies in the app: at least one for each test file, and one for each retry. */
export const COMPANIES = 80;

export const PASSWORD = "correct horse battery";

/** A company of the app: a tenant with an administrator, and the API keys of its own Level account. */
export interface Company {
  number: number;
  name: string;
  slug: string;
  admin: { name: string; email: string };
  apiKey: string;
  readOnlyApiKey: string;
}

export const companyOf = (number: number): Company => ({
  number,
  name: `Company ${number}`,
  slug: `company-${number}`,
  admin: { name: "Administrator", email: `admin-${number}@example.com` },
  apiKey: `${SIMULATOR_API_KEY}-${number}`,
  readOnlyApiKey: `${SIMULATOR_READ_ONLY_API_KEY}-${number}`,
});

/** The company that owns a key; for an unknown key the first company, whose account refuses it. */
export const numberOfKey = (key: string): number => Number(/^sim-.*-(\d+)$/.exec(key)?.[1] ?? 0);

/**
 * Takes a company that no test of this run has used, in any process.
 * @throws if none is left
 */
export function claimCompany(claims: string): Company {
  for (let number = 0; number < COMPANIES; number++) {
    try {
      mkdirSync(path.join(claims, String(number)));
      return companyOf(number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new Error(`All ${COMPANIES} companies of the browser tests are taken: raise COMPANIES.`);
}
