import { expect, it } from "vitest";

import { createProgram } from "../../../cli/program";

const add = (password: string) =>
  createProgram().parseAsync(["user", "add", "--email", "ada@example.com", "--password", password], {
    from: "user",
  });

it.each([
  ["short", /Use at least 10 characters/],
  ["long and ".repeat(23), /Use at most 200 characters/],
  ["ada@example.com", /Do not use your e-mail address/],
])("refuses to add a person with a password that the pages would refuse: %s", async (password, reason) => {
  await expect(add(password)).rejects.toThrow(reason);
});
