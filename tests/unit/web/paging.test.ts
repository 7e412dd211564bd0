import { expect, it } from "vitest";

import { withinPages } from "~/platform/http/paging";

const leadTo = (address: string, total: number): string | null => {
  const url = new URL(`http://localhost${address}`);
  try {
    withinPages(url, Number(url.searchParams.get("page") ?? "1"), 50, { total });
    return null;
  } catch (thrown) {
    return (thrown as Response).headers.get("Location");
  }
};

it("a page beyond the last leads to the last, with the filters of the address", () => {
  expect(leadTo("/assets?q=a&page=9999", 2246)).toBe("/assets?q=a&page=45");
  expect(leadTo("/assets?page=2&_data=routes%2F_app", 0)).toBe("/assets?page=1");
});

it("a page that exists stays", () => {
  expect(leadTo("/assets?page=45", 2246)).toBeNull();
  expect(leadTo("/assets", 0)).toBeNull();
});
