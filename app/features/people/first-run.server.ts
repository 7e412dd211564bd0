import { createHmac } from "node:crypto";

import { audit } from "@db/queries/audit/audit";
import {
  findOldestTenant,
  insertTenant,
  insertUser,
  isEmptyInstallation,
  normalEmail,
  lockFirstRun,
} from "@db/queries/people/users";
import { hashPassword } from "~/auth/password.server";
import { sameToken } from "~/auth/tokens.server";
import type { App } from "~/platform/app.server";

export { isEmptyInstallation };

type FirstRunApp = Pick<App, "config" | "db" | "log" | "cookieKeys">;

/**
 * The tokens of the setup link: whoever reads the log may set the installation up. Every process of an installation has
 * the same, because a proxy may send each request of a browser to another process.
 */
const setupTokens = (app: FirstRunApp): string[] =>
  app
    .cookieKeys("setup")
    .map((key) => createHmac("sha256", key).update("first administrator").digest("base64url"));

/**
 * Call once at start. In an installation without people, creates the administrator named by the configuration, or
 * returns the one-time link to become it. Null if there is nothing to do.
 */
export async function ensureFirstRun(app: FirstRunApp): Promise<{ setupUrl: string } | null> {
  if (!(await isEmptyInstallation(app.db))) return null;
  if (app.config.admin !== undefined) {
    const { email, password } = app.config.admin;
    const made = await createFirstAdministrator(app, {
      company: "My company",
      name: "Administrator",
      email,
      password,
    });
    if (made !== null) app.log.info({ email }, "Created the first administrator");
    return null;
  }
  return { setupUrl: `${app.config.publicUrl}/setup?token=${setupTokens(app)[0]!}` };
}

/** Whether `token` is that of the setup link, and the installation has no people yet. */
export async function isSetupOpen(app: FirstRunApp, token: string | null): Promise<boolean> {
  if (token === null || !setupTokens(app).some((expected) => sameToken(token, expected))) return false;
  return isEmptyInstallation(app.db);
}

export interface FirstAdministrator {
  company: string;
  name: string;
  email: string;
  password: string;
  ip?: string | null;
}

/** Creates the first tenant and its administrator. Null if another person did first. */
export async function createFirstAdministrator(
  app: FirstRunApp,
  first: FirstAdministrator,
): Promise<{ id: string; tenantId: string } | null> {
  const passwordHash = await hashPassword(first.password);
  const email = normalEmail(first.email);
  return app.db.transaction(async (tx) => {
    await lockFirstRun(tx);
    if (!(await isEmptyInstallation(tx))) return null;
    // A tenant may exist without people: the command line connects accounts too.
    const tenant =
      (await findOldestTenant(tx)) ??
      (await insertTenant(tx, { slug: slugOf(first.company), name: first.company }));
    const user = await insertUser(tx, {
      tenantId: tenant.id,
      email,
      name: first.name,
      role: "admin",
      passwordHash,
    });
    const person = { userId: user!.id, name: email, ip: first.ip ?? null };
    const entry = { action: "tenant.created", targetType: "tenant", targetId: tenant.id } as const;
    await audit(tx, tenant.id, person, entry);
    return { id: user!.id, tenantId: tenant.id };
  });
}

/** A name as part of a URL: "Müller & Söhne" is "muller-sohne". */
export function slugOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return slug === "" ? "company" : slug;
}
