import { test } from "@playwright/test";

import { claimCompany, type Company } from "../support/e2e-companies";

export { PASSWORD } from "../support/e2e-companies";

let claimed: { file: string; company: Company } | undefined;

/**
 * The company of the running test's file: nobody else is in it. A second try has another one, for it runs in a new
 * process.
 */
export function company(): Company {
  const { file } = test.info();
  if (claimed?.file !== file) claimed = { file, company: anotherCompany() };
  return claimed.company;
}

/** A company that nobody has been in. */
export const anotherCompany = (): Company => claimCompany(process.env["CLAIMS"]!);

/** Where the account at Level of the running test's company answers, its controls as well. */
export const levelUrl = () =>
  `${String(test.info().config.metadata["levelUrl"])}/company/${company().number}`;

/** The address of somebody in the running test's company: no other company has it. */
export const addressOf = (name: string) => `${name}-${company().number}@example.com`;
