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
import { newToken, sameToken } from "~/auth/tokens.server";
import type { App } from "~/platform/app.server";

export { isEmptyInstallation };

type FirstRunApp = Pick<App, "config" | "db" | "log" | "connection">;

/**
 * The token of the setup link exists only in this process: anybody who reads its log may set the installation up. Kept
 * on the global object, because a rebuilt bundle (development) is a second copy of this module.
 */
const holder = globalThis as { plumblineSetup?: WeakMap<object, string> };
const setupTokens = (holder.plumblineSetup ??= new WeakMap());

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
  const token = setupTokens.get(app.connection) ?? newToken();
  setupTokens.set(app.connection, token);
  return { setupUrl: `${app.config.publicUrl}/setup?token=${token}` };
}

/** Whether `token` is that of this process's setup link, and the installation has no people yet. */
export async function isSetupOpen(app: FirstRunApp, token: string | null): Promise<boolean> {
  const expected = setupTokens.get(app.connection);
  if (expected === undefined || token === null || !sameToken(token, expected)) return false;
  if (await isEmptyInstallation(app.db)) return true;
  setupTokens.delete(app.connection);
  return false;
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
  const made = await app.db.transaction(async (tx) => {
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
  if (made !== null) setupTokens.delete(app.connection);
  return made;
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
