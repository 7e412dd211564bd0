import { expect, it } from "vitest";

import { createHttpAdapter } from "~/features/tickets/http-adapter";
import { httpConfig } from "~/features/tickets/http-config";
import { ticketPresets, type PresetName } from "~/features/tickets/presets";
import { refusalOfTemplate } from "~/features/tickets/templates";
import type { TicketText } from "~/features/tickets/ticket-port";
import type { ExchangeRequest } from "~/platform/outgoing/exchange";
import { createTokenStore } from "~/platform/outgoing/oauth-tokens";

const text: TicketText = {
  ticketId: "0190",
  reference: "PL-ABCDEFGH23",
  summary: '[PL-ABCDEFGH23] Critical: "C:" is full\\',
  description: 'Two lines\nand "quotes"',
  severity: "critical",
  client: "Harborlight",
  companyId: null,
  link: "https://plumbline.example.com/alerts/incidents/1",
};

const names = Object.keys(ticketPresets) as PresetName[];

/** A system that gives every request the same answer, and records what it was sent. */
function adapterOf(name: PresetName, answer: unknown, isFilledIn: boolean) {
  const { fields, secrets, requests, addressExample } = ticketPresets[name];
  const sent: ExchangeRequest[] = [];
  const config = httpConfig.parse({
    ...requests,
    preset: name,
    address: addressExample,
    fields: Object.fromEntries(
      fields
        .filter((field) => isFilledIn || !("isOptional" in field))
        .map((field) => [field.name, "value" in field ? field.value : "7"]),
    ),
  });
  const adapter = createHttpAdapter(
    {
      exchange: async (request) => {
        sent.push(request);
        const body = request.url.endsWith("/token") ? { access_token: "t" } : answer;
        return { state: "answered", status: 200, body: JSON.stringify(body), retryAfterMs: null };
      },
      tokens: createTokenStore(() => new Date()),
      tokenKey: "1",
    },
    config,
    Object.fromEntries(secrets.map((secret) => [secret.name, "s3cret"])),
  );
  return { adapter, sent };
}

it.each(names)(
  "%s makes valid requests whatever an alert's name, with every field and with only the required ones",
  async (name) => {
    for (const isFilledIn of [true, false]) {
      const { adapter, sent } = adapterOf(name, {}, isFilledIn);
      await adapter.open(text);
      if (adapter.recovery === "search") await adapter.find(text);
      await adapter.comment({ ...text, externalId: "41" }, 'It is "over"\n');
      await adapter.close({ ...text, externalId: "41" }, "It is over");
      await adapter.test();
      expect(sent.length).toBeGreaterThan(1);
      for (const { url, body, headers } of sent) {
        expect(url).not.toContain("{{");
        expect(JSON.stringify(headers)).not.toContain("{{");
        if (body !== undefined && !url.endsWith("/token"))
          expect(() => JSON.parse(body) as unknown, body).not.toThrow();
      }
      const opening = sent.find(({ body }) => body?.includes("PL-ABCDEFGH23"))!;
      expect(JSON.stringify(JSON.parse(opening.body!))).toContain(JSON.stringify(text.summary).slice(1, -1));
    }
  },
);

/** The answer of each to a new ticket, according to its public documentation. */
const answers: Record<PresetName, { answer: unknown; url: string | null }> = {
  halopsa: { answer: { id: 41 }, url: "https://example.halopsa.com/tickets?id=41" },
  connectwise: {
    answer: { id: 41 },
    url: "https://na.myconnectwise.net/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid=41",
  },
  autotask: {
    answer: { itemId: 41 },
    url: "https://ww5.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?ticketId=41",
  },
  itflow: {
    answer: { success: "True", count: 1, data: [{ insert_id: 41 }] },
    url: "https://itflow.example.com/agent/ticket.php?ticket_id=41",
  },
  freshservice: { answer: { ticket: { id: 41 } }, url: "https://example.freshservice.com/a/tickets/41" },
  zammad: { answer: { id: 41, number: "22041" }, url: "https://zammad.example.com/#ticket/zoom/41" },
  custom: { answer: { id: 41 }, url: null },
};

it.each(names)("%s is understood when it names the new ticket", async (name) => {
  const { answer, url } = answers[name];
  const { adapter } = adapterOf(name, answer, true);
  expect(await adapter.open(text)).toMatchObject({ state: "opened", externalId: "41", url });
});

/** The requests that its public documentation requires, and their authentication. */
const documented: [PresetName, header: string, value: string, requests: Record<string, string>][] = [
  [
    "halopsa",
    "Authorization",
    "Bearer t",
    { open: "POST /api/Tickets", comment: "POST /api/Actions", close: "POST /api/Tickets" },
  ],
  [
    "connectwise",
    "Authorization",
    `Basic ${Buffer.from("7+7:s3cret").toString("base64")}`,
    {
      open: "POST /v4_6_release/apis/3.0/service/tickets",
      comment: "POST /v4_6_release/apis/3.0/service/tickets/41/notes",
      close: "PATCH /v4_6_release/apis/3.0/service/tickets/41",
    },
  ],
  [
    "autotask",
    "Secret",
    "s3cret",
    {
      open: "POST /atservicesrest/v1.0/Tickets",
      comment: "POST /atservicesrest/v1.0/Tickets/41/Notes",
      close: "PATCH /atservicesrest/v1.0/Tickets",
    },
  ],
  [
    "itflow",
    "Content-Type",
    "application/json",
    {
      open: "POST /api/v1/tickets/create.php",
      comment: "POST /api/v1/ticket_replies/create.php",
      close: "POST /api/v1/tickets/resolve.php",
    },
  ],
  [
    "freshservice",
    "Authorization",
    `Basic ${Buffer.from("s3cret:X").toString("base64")}`,
    {
      open: "POST /api/v2/tickets",
      comment: "POST /api/v2/tickets/41/notes",
      close: "PUT /api/v2/tickets/41",
    },
  ],
  [
    "zammad",
    "Authorization",
    "Token token=s3cret",
    {
      open: "POST /api/v1/tickets",
      comment: "POST /api/v1/ticket_articles",
      close: "PUT /api/v1/tickets/41",
    },
  ],
];

it.each(documented)(
  "%s gets the requests of its public documentation",
  async (name, header, value, requests) => {
    const { adapter, sent } = adapterOf(name, {}, true);
    const last = () => sent.filter(({ url }) => !url.endsWith("/token")).at(-1)!;
    const asked: Record<string, string> = {};
    const note = (what: string) => {
      const { method, url, headers } = last();
      asked[what] = `${method} ${new URL(url).pathname}`;
      expect(headers[header]).toBe(value);
    };
    await adapter.open(text);
    note("open");
    await adapter.comment({ ...text, externalId: "41" }, "It is over");
    note("comment");
    expect(last().body).toContain("It is over");
    await adapter.close({ ...text, externalId: "41" }, "It is over");
    note("close");
    expect(asked).toEqual(requests);
  },
);

it("refuses a template that would insert text unescaped", () => {
  for (const template of [
    '{"a": "{{{summary}}}"}',
    "{{&summary}}",
    "{{>part}}",
    "{{=<% %>=}}",
    "{{#is.critical}}x",
  ])
    expect(refusalOfTemplate(template), template).toBeDefined();
  expect(refusalOfTemplate('{"a": "{{summary}}"}')).toBeUndefined();
});

it.each(["halopsa", "connectwise", "autotask", "itflow", "freshservice", "zammad"] as const)(
  "%s opens a ticket for the client's own company, and otherwise for the one in the settings",
  async (name) => {
    const { adapter, sent } = adapterOf(name, {}, true);
    await adapter.open({ ...text, companyId: "4711" });
    await adapter.open(text);
    await adapter.open({ ...text, client: null });
    const bodies = sent.flatMap(({ body }) => (body?.includes("PL-ABCDEFGH23") ? [body] : []));
    for (const body of bodies) expect(() => JSON.parse(body) as unknown).not.toThrow();
    expect(bodies[0]).toContain("4711");
    expect(bodies[1]).not.toContain("4711");
    expect(bodies[2]).toBe(bodies[1]);
  },
);

it.each([
  ["halopsa", { clients: [{ id: 12, name: "Harborlight" }] }, "12"],
  ["connectwise", [{ identifier: "Harbor", name: "Harborlight" }], "Harbor"],
  ["autotask", { items: [{ id: 12, companyName: "Harborlight" }] }, "12"],
  ["itflow", { data: [{ client_id: "12", client_name: "Harborlight" }] }, "12"],
  ["freshservice", { departments: [{ id: 12, name: "Harborlight" }] }, "12"],
] as const)("%s lists the companies to choose from", async (name, answer, id) => {
  const outcome = await adapterOf(name, answer, true).adapter.companies();
  expect(outcome).toEqual({ state: "listed", companies: [{ id, name: "Harborlight" }] });
});
