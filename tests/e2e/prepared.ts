// What a test needs before it begins, made by requests in a fraction of the time that the pages take: other tests do the
// same on the pages.
import { expect, type Browser, type BrowserContext, type Page } from "@playwright/test";

import { company, PASSWORD } from "./company";

const ACCOUNTS = "/settings/integrations/levelio";
const LEVEL_ROUTES = "routes/_app.settings.integrations.levelio";

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

/** The administrator of the company of the running test's file. */
export const administrator = () => ({ email: company().admin.email, password: PASSWORD });

let kept: { email: string; session: Cookies } | undefined;

/** Signs in, without opening a page. The tests of a file share one session of their administrator. */
export async function signIn(page: Page, person = administrator()): Promise<void> {
  const context = page.context();
  if (kept?.email === person.email) return context.addCookies(kept.session);
  await post(page, "/sign-in", person);
  const session = (await context.cookies()).filter(({ name }) => name === "session");
  expect(session).toHaveLength(1);
  kept = { email: person.email, session };
}

export interface Invited {
  name: string;
  email: string;
  role: "admin" | "technician" | "viewer";
}

export const PASSWORD_OF_INVITED = "a password of my own";

/** A page, not opened yet, of a newly invited person with a role of their own. */
export async function signInAs(browser: Browser, admin: Page, person: Invited): Promise<Page> {
  const here = "/settings/people";
  const data = await send(admin, `${here}?_data=routes/_app.settings.people`, {
    intent: "invite",
    ...person,
  });
  const { link } = (await data.json()) as { link: { url: string } };
  const page = await (await browser.newContext()).newPage();
  await post(page, new URL(link.url).pathname, { name: person.name, password: PASSWORD_OF_INVITED });
  return page;
}

/** The address of the connection with this name; makes it and reads its groups, unless that was done. */
export async function ensureAccount(page: Page, label: string): Promise<string> {
  const { connections } = await dataOf<{ connections: { id: string; label: string }[] }>(
    page,
    `${ACCOUNTS}?index`,
    `${LEVEL_ROUTES}._index`,
  );
  const known = connections.find((connection) => connection.label === label);
  if (known !== undefined) return `${ACCOUNTS}/${known.id}`;
  const fields = { intent: "connect", label, apiKey: company().apiKey };
  const account = (await send(page, `${ACCOUNTS}?index`, fields)).headers()["location"]!;
  await syncAndWait(page, account, "organizations");
  return account;
}

/** The company that has its fleet. */
let withFleet: number | undefined;

/** Makes sure that there are assets: connects the simulator, maps all its groups and syncs, unless that was done. */
export async function ensureFleet(page: Page): Promise<void> {
  if (withFleet === company().number) return;
  const account = await ensureAccount(page, "Fleet");
  const { page: mapping } = await dataOf<{
    page: { version: number; groups: { id: string; name: string; parentId: string | null }[] };
  }>(page, `${account}/mapping`, `${LEVEL_ROUTES}.$connectionId.mapping`);
  const changes = mapping.groups
    .filter((group) => group.parentId === null)
    .map((group) => ({ externalId: group.id, state: "mapped", clientName: group.name }));
  await send(page, `${account}/mapping`, {
    intent: "save",
    version: String(mapping.version),
    changes: JSON.stringify(changes),
  });
  await syncAndWait(page, account, "full");
  withFleet = company().number;
}

async function syncAndWait(page: Page, account: string, type: "organizations" | "full"): Promise<void> {
  await send(page, `${account}?index`, { intent: "sync", type });
  const statusOf = async () => {
    const { runs } = (await (await page.request.get(`${account}/progress`)).json()) as {
      runs: { type: string; status: string }[];
    };
    return runs.find((run) => run.type === type)?.status;
  };
  await expect.poll(statusOf, { timeout: 120_000, intervals: [100] }).toMatch(/^completed/);
}

/** What the loader of a route gives its page. */
async function dataOf<T>(page: Page, path: string, route: string): Promise<T> {
  const mark = path.includes("?") ? "&" : "?";
  const answer = await page.request.get(`${path}${mark}_data=${encodeURIComponent(route)}`);
  expect(answer.ok(), path).toBe(true);
  return (await answer.json()) as T;
}

const readRoot = (page: Page) => dataOf<{ csrf: string }>(page, "/", "root");

/** Sends a form as a page of a signed-in person would. */
async function send(page: Page, path: string, fields: Record<string, string>) {
  const { csrf } = await readRoot(page);
  return post(page, path, { csrf, ...fields });
}

/** Sends a form, and takes the message that the next page would show. */
async function post(page: Page, path: string, fields: Record<string, string>) {
  const answer = await page.request.post(path, { form: fields, maxRedirects: 0 });
  expect(answer.status(), path).toBeLessThan(400);
  await readRoot(page);
  return answer;
}
