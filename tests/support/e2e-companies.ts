import { mkdirSync } from "node:fs";
import path from "node:path";

import { SIMULATOR_API_KEY, SIMULATOR_READ_ONLY_API_KEY } from "../level-simulator";

/** `level` answers as Level does. */
export interface E2ePorts {
  app: number;
  level: number;
}

/** Companies in the app: at least one for each file of tests, and for each second try. */
export const COMPANIES = 80;

export const PASSWORD = "correct horse battery";

/** A company of the app: a tenant with an administrator, and the keys of its own account at Level. */
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

/** The company that a key is of; the first one for a key of nobody, which its account refuses. */
export const numberOfKey = (key: string): number => Number(/^sim-.*-(\d+)$/.exec(key)?.[1] ?? 0);

/**
 * Takes a company that no test of this run has had, in whatever process.
 * @throws when there is none left
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
