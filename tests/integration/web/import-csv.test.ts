import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { auditLog, clientContacts, clients, clientSites } from "@db/schema";
import { createClient } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  await createClient(web.database.db, { tenantId: tenant.id, name: '=Acme / "Söhne" 🦊' });
});

interface Answer {
  state: string;
  plan: {
    version: string;
    counts: Record<string, number>;
    rows: { line: number; name: string; state: string; fields: string[]; problems: object[] }[];
  };
  problems: { row: number; column: string; message: string }[];
}

const ACME = `"'=Acme / ""Söhne"" 🦊"`;
const send = async (intent: string, kind: string, text: string, version = "", into = tenant) => {
  const file = new File([text], "file.csv", { type: "text/csv" });
  const answer = await into.as.admin.post("/clients/import?_data=routes%2F_app.clients.import", {
    intent,
    kind,
    version,
    file,
  });
  return { status: answer.status, ...((await answer.json()) as Answer) };
};
const take = async (kind: string, text: string, into = tenant) => {
  const { plan } = await send("preview", kind, text, "", into);
  return send("import", kind, text, plan.version, into);
};
const sites = async (of = tenant) =>
  web.database.db
    .select({ name: clientSites.name, address: clientSites.address })
    .from(clientSites)
    .where(eq(clientSites.tenantId, of.id));

describe("a file of sites or contacts", () => {
  it("is previewed row by row, writes nothing until it is imported, and then says what happened to each row", async () => {
    const text = `client,name,address\n${ACME},"Head, office","1 Main St\nBerlin"\n${ACME},'=Lab,\n`;
    const looked = await send("preview", "site", text);
    expect(looked.plan.rows).toMatchObject([
      { line: 2, name: "Head, office", state: "new" },
      { line: 4, name: "=Lab", state: "new" },
    ]);
    expect(await sites()).toEqual([]);
    const done = await send("import", "site", text, looked.plan.version);
    expect(done).toMatchObject({ status: 200, state: "imported", plan: { counts: { new: 2 } } });
    expect(new Set(await sites())).toEqual(
      new Set([
        { name: "Head, office", address: "1 Main St\nBerlin" },
        { name: "=Lab", address: null },
      ]),
    );
    const changed = await take("site", `client,name,address\n${ACME},"HEAD, OFFICE",New\n${ACME},'=Lab,\n`);
    expect(changed.plan.rows).toMatchObject([
      { state: "changed", fields: ["address"] },
      { state: "unchanged" },
    ]);
    // A missing column keeps the stored values.
    expect((await take("site", `client,name\n${ACME},"Head, office"\n`)).plan.counts).toMatchObject({
      unchanged: 1,
    });
    const log = await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, tenant.id));
    expect(log.filter(({ action }) => action === "client.imported")[0]?.details).toMatchObject({
      kind: "site",
      created: 2,
    });
  });

  it("with one wrong row is not imported at all, and each error has its line and column", async () => {
    const text = [
      "client,name,email,phone",
      `${ACME},Ann,ann@acme.test,+49 30 1`,
      "Nobody,Bo,,",
      `${ACME},,,`,
      `${ACME},Cy,no address,`,
      `${ACME},ANN,,`,
      `${ACME},Di,,,more`,
    ].join("\n");
    const looked = await send("preview", "contact", text);
    const errors = looked.plan.rows.flatMap(({ problems }) => problems);
    expect(errors).toMatchObject([
      { row: 3, column: "client", message: "There is no client “Nobody”." },
      { row: 4, column: "name" },
      { row: 5, column: "email" },
      { row: 6, column: "name", message: "It stands in line 2 already." },
      { row: 7, column: "column 5" },
    ]);
    const done = await send("import", "contact", text, looked.plan.version);
    expect(done).toMatchObject({ status: 422, state: "has_errors" });
    expect(
      await web.database.db.select().from(clientContacts).where(eq(clientContacts.tenantId, tenant.id)),
    ).toEqual([]);
  });

  it("with a wrong column is refused with its name, and so is one that nobody previewed", async () => {
    expect(await send("preview", "site", `client,name,adress\n${ACME},Berlin,x\n`)).toMatchObject({
      status: 422,
      problems: [{ row: 1, column: "adress" }],
    });
    expect(await send("preview", "site", "name\nBerlin\n")).toMatchObject({
      problems: [{ row: 1, column: "client", message: "This column is missing." }],
    });
    const text = `client,name\n${ACME},Berlin\n`;
    const { plan } = await send("preview", "site", text);
    await take("site", text);
    expect(await send("import", "site", text, plan.version)).toMatchObject({ status: 409, state: "stale" });
    expect(await sites()).toHaveLength(1);
  });

  it("can be imported again into another company, whose own rows it leaves alone", async () => {
    await take("site", `client,name,address\n${ACME},'=1+1,@home\n`);
    await take("contact", `client,name,email,phone\n${ACME},Ann,ann@acme.test,+49 30 1\n`);
    const other = await web.tenant();
    await createClient(web.database.db, { tenantId: other.id, name: '=Acme / "Söhne" 🦊' });
    for (const kind of ["site", "contact"]) {
      const text = await (await tenant.as.viewer.get(`/clients/${kind}s.csv`)).text();
      expect(text).not.toMatch(/(^|\n|,)"?[=@+]/);
      expect(await (await other.as.viewer.get(`/clients/${kind}s.csv`)).text()).not.toContain("Acme");
      expect((await take(kind, text)).plan.counts).toMatchObject({ unchanged: 1, new: 0 });
      expect((await take(kind, text, other)).plan.counts).toMatchObject({ new: 1 });
    }
    expect(await sites(other)).toEqual(await sites());
    expect(await web.database.db.select().from(clients).where(eq(clients.tenantId, other.id))).toHaveLength(
      1,
    );
  });
});
