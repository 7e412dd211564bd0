import { Option, type Command } from "commander";

import { onUniqueViolation } from "@db/errors";
import { listTenants } from "@db/queries/connections/connections";
import { insertTenant, insertUser, normalEmail } from "@db/queries/people/users";
import { passwordProblem } from "@domain/password";
import { hashPassword } from "~/auth/password.server";
import { createFirstAdministrator, slugOf } from "~/features/people/first-run.server";
import type { App } from "~/platform/app.server";

import { CliError, findTenant, withApp, type GlobalOptions } from "../context";
import { globals } from "../globals";
import { write, writeJson } from "../output";

interface AddOptions {
  email: string;
  name?: string;
  role: "admin" | "technician" | "viewer";
  password?: string;
  company?: string;
}

export function addUserCommand(program: Command): void {
  const user = program.command("user").description("people of a tenant");
  user
    .command("add")
    .description(
      "add a person; the first one makes the tenant. The password comes from --password or PASSWORD",
    )
    .requiredOption("--email <email>")
    .option("--name <name>")
    .addOption(new Option("--role <role>").choices(["admin", "technician", "viewer"]).default("admin"))
    .option("--password <password>", "visible to other users of the machine: prefer the variable PASSWORD")
    .option("--company <name>", "make a tenant of this name for the person")
    .action(async (options: AddOptions, command: Command) => {
      const { json, ...rest } = globals(command);
      const password = options.password ?? process.env.PASSWORD ?? "";
      if (!/^[^\s@]+@[^\s@]+$/.test(options.email) || options.email.length > MAX_EMAIL)
        throw new CliError(`"${options.email}" is not an e-mail address.`);
      const weakness = passwordProblem(password, options);
      if (weakness !== null) {
        throw new CliError(`The password is refused. ${weakness}`, "Give it in the variable PASSWORD.");
      }
      const name = options.name ?? options.email.split("@")[0]!;
      await withApp(async (app) => {
        const person = { name, email: options.email, password };
        if ((await listTenants(app.db)).length === 0) {
          const made = await createFirstAdministrator(app, {
            company: options.company ?? "My company",
            ...person,
          });
          if (made === null) throw new CliError("Somebody else has just set this installation up.");
          return json
            ? writeJson({ userId: made.id, tenantId: made.tenantId })
            : write(`Added ${options.email}.`);
        }
        const added = await addPerson(app, rest, options, {
          ...person,
          passwordHash: await hashPassword(password),
        });
        if (json) writeJson({ userId: added.id });
        else write(`Added ${options.email} as ${options.role}.`);
      });
    });
}

/** Characters; RFC 5321 allows no longer address. */
const MAX_EMAIL = 254;

const TENANT_NAME = "tenants_slug_unique";

/** One transaction: if the user is refused, no tenant without people stays behind. */
async function addPerson(
  app: App,
  globalOptions: GlobalOptions,
  { company, role }: AddOptions,
  { name, email, passwordHash }: { name: string; email: string; passwordHash: string },
): Promise<{ id: string }> {
  const adding = () =>
    app.db.transaction(async (tx) => {
      const tenant =
        company === undefined
          ? await findTenant({ ...app, db: tx }, globalOptions)
          : await insertTenant(tx, { slug: slugOf(company), name: company });
      const user = { tenantId: tenant.id, email: normalEmail(email), name, role, passwordHash };
      const added = await insertUser(tx, user);
      if (added === null) throw new CliError(`${email} has an account at this company already.`);
      return added;
    });
  return onUniqueViolation(TENANT_NAME, adding, () => {
    throw new CliError(
      `There is a tenant "${slugOf(company ?? "")}" already.`,
      `Add the person to it with --tenant ${slugOf(company ?? "")}, or give the company another name.`,
    );
  });
}
