import { test } from "@playwright/test";

import { claimCompany, type Company } from "../support/e2e-companies";

export { PASSWORD } from "../support/e2e-companies";

let claimed: { file: string; company: Company } | undefined;

/**
 * The company of the running test's file, which no other file uses. A retry has another one, because it runs in a new
 * process.
 */
export function company(): Company {
  const { file } = test.info();
  if (claimed?.file !== file) claimed = { file, company: anotherCompany() };
  return claimed.company;
}

/** A company that no test has used. */
export const anotherCompany = (): Company => claimCompany(process.env["CLAIMS"]!);

/** Address of the simulated Level account of the running test's company, including its controls. */
export const levelUrl = () =>
  `${String(test.info().config.metadata["levelUrl"])}/company/${company().number}`;

/** An e-mail address in the running test's company; no other company has it. */
export const addressOf = (name: string) => `${name}-${company().number}@example.com`;
