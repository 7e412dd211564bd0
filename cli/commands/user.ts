import { Option, type Command } from "commander";

import { insertTenant, insertUser } from "@db/queries/users";
import { listTenants } from "@db/queries/integrations";
import { createFirstAdministrator, slugOf } from "~/auth/first-run.server";
import { hashPassword } from "~/auth/password.server";

import { CliError, findTenant, withApp } from "../context";
import { write, writeJson } from "../output";
import { globals } from "../program";

interface AddOptions {
  email: string;
  name?: string;
  role: "admin" | "technician" | "viewer";
  password?: string;
  company?: string;
}

const MIN_PASSWORD_LENGTH = 12;

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
      if (!/^[^\s@]+@[^\s@]+$/.test(options.email))
        throw new CliError(`"${options.email}" is not an e-mail address.`);
      if (password.length < MIN_PASSWORD_LENGTH) {
        throw new CliError(
          `A password has at least ${MIN_PASSWORD_LENGTH} characters.`,
          "Give it in the variable PASSWORD.",
        );
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
        const passwordHash = await hashPassword(password);
        const added = await app.db.transaction(async (tx) => {
          const tenant =
            options.company === undefined
              ? await findTenant({ ...app, db: tx }, rest)
              : await insertTenant(tx, { slug: slugOf(options.company), name: options.company });
          return insertUser(tx, {
            tenantId: tenant.id,
            email: options.email.toLowerCase(),
            name,
            role: options.role,
            passwordHash,
          });
        });
        if (added === undefined || added === null)
          throw new CliError(`${options.email} has an account already.`);
        if (json) writeJson({ userId: added.id });
        else write(`Added ${options.email} as ${options.role}.`);
      });
    });
}
