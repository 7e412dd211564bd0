import type { Call } from "./route-calls";

/** Ids of a tenant's records, and, as `own…`, two of the tenant that tries to reach them. */
export interface Foreign {
  alert: string;
  asset: string;
  client: string;
  contact: string;
  delivery: string;
  /** Level's names of a device and of a group. */
  device: string;
  group: string;
  held: string;
  incident: string;
  integration: string;
  notification: string;
  outgoing: string;
  patch: string;
  person: string;
  review: string;
  rule: string;
  run: string;
  session: string;
  site: string;
  subscription: string;
  ticketSystem: string;
  token: string;
  window: string;
  ownClient: string;
  ownIntegration: string;
}

/** The parameters of addresses, written as `:name`. */
export const paramsFor = (their: Foreign): Record<string, string> => ({
  alertId: their.alert,
  assetId: their.asset,
  clientId: their.client,
  deliveryId: their.delivery,
  incidentId: their.incident,
  connectionId: their.integration,
  patchKey: their.patch,
  ruleId: their.rule,
  runId: their.run,
  systemId: their.ticketSystem,
  windowId: their.window,
});

/** Parameters whose values are the product's own. */
export const ownNames = ["operationId"];

export interface Attempt extends Call {
  /** Intents that take a list of ids: if none is found, nothing is done, and the answer says so. */
  answer?: "done";
}

/** Intents whose form or query names no record: the record is in the address, or is the tenant itself. */
const nothing = (): Attempt => ({});
const named = (fields: (their: Foreign) => Record<string, string>) => (their: Foreign) => ({
  fields: fields(their),
});
const listed = (fields: (their: Foreign) => Record<string, string>) => (their: Foreign) => ({
  fields: fields(their),
  answer: "done" as const,
});

const version = "0";
const person = named(({ person: userId }) => ({ userId, role: "viewer", email: "x@example.com" }));
const difference = (asset: string) => JSON.stringify([asset, "name", "x"]);
const aWindow = { name: "x", startsAt: "2026-01-01T10:00", endsAt: "2026-01-01T11:00", notices: "on" };
const LEVEL = "routes/_app.settings.integrations.levelio.$connectionId";

/**
 * How a person would try to reach another tenant's records, for every intent and every loader that takes more than its
 * address: the fields as a real attempt sends them.
 */
export const attempts: Record<string, (their: Foreign) => Attempt> = {
  "routes/_app.$ action": nothing,
  "routes/_app.alerts._index action acknowledge": listed(({ incident }) => ({ incident })),
  "routes/_app.alerts._index action reopen": listed(({ incident }) => ({ incident })),
  "routes/_app.alerts._index action own": listed(({ incident }) => ({ incident })),
  "routes/_app.alerts._index action resolve": listed(({ incident }) => ({ incident })),
  "routes/_app.alerts._index action snooze": listed(({ incident }) => ({ incident, hours: "4" })),
  "routes/_app.alerts.incidents.$incidentId action acknowledge": nothing,
  "routes/_app.alerts.incidents.$incidentId action reopen": nothing,
  "routes/_app.alerts.incidents.$incidentId action own": nothing,
  "routes/_app.alerts.incidents.$incidentId action disown": nothing,
  "routes/_app.alerts.incidents.$incidentId action resolve": nothing,
  "routes/_app.alerts.incidents.$incidentId action resolve-in-rmm": nothing,
  "routes/_app.alerts.incidents.$incidentId action snooze": named(() => ({ hours: "4" })),
  "routes/_app.alerts.incidents.$incidentId action comment": named(() => ({ text: "x" })),
  "routes/_app.alerts.incidents.$incidentId action open_ticket": named(({ ticketSystem }) => ({
    system: ticketSystem,
  })),
  "routes/_app.alerts.incidents.$incidentId action name_ticket": named(() => ({ number: "1" })),
  "routes/_app.alerts.incidents.$incidentId action retry_ticket": nothing,
  "routes/_app.alerts.list action acknowledge": listed(({ alert }) => ({ alert })),
  "routes/_app.alerts.list action reopen": listed(({ alert }) => ({ alert })),
  "routes/_app.alerts.list action undo": nothing,
  "routes/_app.alerts.$alertId action acknowledge": nothing,
  "routes/_app.alerts.$alertId action reopen": nothing,
  "routes/_app.alerts.$alertId action resolve": nothing,
  "routes/_app.alerts.deliveries._index action replay": ({ integration }) => ({
    query: { connection: integration },
    answer: "done",
  }),
  "routes/_app.alerts.deliveries.$deliveryId action replay": nothing,
  "routes/_app.assets._index action bulk-preview": named(({ client }) => ({ do: "move", to: client })),
  "routes/_app.assets._index action bulk": named(({ client, asset }) => ({
    do: "move",
    to: client,
    row: asset,
  })),
  "routes/_app.assets._index action bulk-refresh": listed(({ asset }) => ({
    do: "refresh",
    row: asset,
    expected: "0",
  })),
  "routes/_app.assets._index action bulk-undo": nothing,
  "routes/_app.assets._index action save-view": nothing,
  "routes/_app.assets._index action remove-view": named(({ client }) => ({ view: client })),
  "routes/_app.assets.$assetId action follow": named(({ asset }) => ({ row: difference(asset) })),
  "routes/_app.assets.$assetId action remove": nothing,
  "routes/_app.assets.$assetId action undo-merge": nothing,
  "routes/_app.assets.$assetId action refresh": nothing,
  "routes/_app.assets.$assetId_.edit action edit": named(() => ({
    name: "Taken",
    type: "server",
    client: "",
    version: "x",
  })),
  "routes/_app.assets.$assetId_.merge action merge": named(({ asset }) => ({ with: asset })),
  "routes/_app.assets.differences action theirs": listed(({ asset }) => ({ row: difference(asset) })),
  "routes/_app.assets.differences action ours": listed(({ asset }) => ({ row: difference(asset) })),
  "routes/_app.assets.new action add": named(({ client }) => ({ name: "Put there", type: "server", client })),
  "routes/_app.clients._index action create": nothing,
  "routes/_app.clients.import action preview": nothing,
  "routes/_app.clients.import action import": nothing,
  "routes/_app.clients.$clientId action change": named(() => ({ name: "Accepted", notes: "" })),
  "routes/_app.clients.$clientId action merge": named(({ ownClient }) => ({ into: ownClient })),
  "routes/_app.clients.$clientId action undo-merge": nothing,
  "routes/_app.clients.$clientId action archive": nothing,
  "routes/_app.clients.$clientId action restore": nothing,
  "routes/_app.clients.$clientId action add-site": named(() => ({ name: "Put there", address: "" })),
  "routes/_app.clients.$clientId action change-site": named(({ site }) => ({ id: site, name: "Taken" })),
  "routes/_app.clients.$clientId action remove-site": named(({ site }) => ({ id: site })),
  "routes/_app.clients.$clientId action add-contact": named(() => ({ name: "Put there" })),
  "routes/_app.clients.$clientId action change-contact": named(({ contact }) => ({
    id: contact,
    name: "Taken",
  })),
  "routes/_app.clients.$clientId action remove-contact": named(({ contact }) => ({ id: contact })),
  "routes/_app.clients.counts action lock": nothing,
  "routes/_app.coverage action ignore": named(({ client }) => ({ kind: "clients", gap: client, note: "x" })),
  "routes/_app.coverage action unignore": named(({ client }) => ({ kind: "clients", gap: client })),
  "routes/_app.events.webhooks action subscribe": nothing,
  "routes/_app.events.webhooks action add_channel": nothing,
  "routes/_app.settings.tickets action save": named(({ ticketSystem }) => ({
    id: ticketSystem,
    label: "Taken",
    preset: "custom",
    address: "https://helpdesk.example.com",
    automaticFrom: "",
    waitMinutes: "2",
    onResolve: "comment",
    requests: '{"open": {"method": "POST", "path": "/"}, "idPath": "id"}',
  })),
  "routes/_app.settings.tickets_.$systemId.companies action save": nothing,
  "routes/_app.settings.tickets_.$systemId.companies action import": named(() => ({
    csv: "client,company_id\n",
  })),
  "routes/_app.settings.tickets_.$systemId.companies action list": nothing,
  "routes/_app.settings.tickets action pause": named(({ ticketSystem }) => ({ id: ticketSystem })),
  "routes/_app.settings.tickets action resume": named(({ ticketSystem }) => ({ id: ticketSystem })),
  "routes/_app.settings.tickets action remove": named(({ ticketSystem }) => ({ id: ticketSystem })),
  "routes/_app.settings.tickets action test": named(({ ticketSystem }) => ({ id: ticketSystem })),
  "routes/_app.events.webhooks action change": named(({ subscription }) => ({
    id: subscription,
    url: "https://hooks.example.com/",
    "event:RMM_SYNC_FAILED": "on",
  })),
  "routes/_app.events.webhooks action pause": named(({ subscription }) => ({ id: subscription })),
  "routes/_app.events.webhooks action resume": named(({ subscription }) => ({ id: subscription })),
  "routes/_app.events.webhooks action renew": named(({ subscription }) => ({ id: subscription })),
  "routes/_app.events.webhooks action drop_legacy": named(({ subscription }) => ({ id: subscription })),
  "routes/_app.events.webhooks action test": named(({ subscription }) => ({ id: subscription })),
  "routes/_app.events.webhooks action unsubscribe": named(({ subscription }) => ({ id: subscription })),
  "routes/_app.events.webhooks action replay": listed(({ outgoing }) => ({ id: outgoing })),
  "routes/_app.review._index action approve": listed(({ held }) => ({ row: held })),
  "routes/_app.review._index action reject": listed(({ held }) => ({ row: held })),
  "routes/_app.review.devices action approve": listed(({ review }) => ({ row: review })),
  "routes/_app.review.devices action reject": listed(({ review }) => ({ row: review })),
  "routes/_app.review.identity action apart": listed(({ review }) => ({ pair: review })),
  "routes/_app.review.identity action link": listed(({ review, asset }) => ({ row: review, asset })),
  "routes/_app.review.identity action own": listed(({ review }) => ({ row: review })),
  "routes/_app.runs.$runId action apply": nothing,
  "routes/_app.runs.$runId action cancel": nothing,
  "routes/_app.runs.$runId action ignore": named(({ delivery }) => ({ issue: delivery, note: "Known" })),
  "routes/_app.runs.$runId action retry-failed": nothing,
  "routes/_app.runs.$runId_.undo action undo": nothing,
  "routes/_app.settings.account action password": nothing,
  "routes/_app.settings.account action end-session": listed(({ session }) => ({ session })),
  "routes/_app.settings.account action end-others": nothing,
  "routes/_app.settings.integrations.levelio._index action connect": nothing,
  [`${LEVEL}._index action cancel`]: ({ ownIntegration, run }) => ({
    params: { connectionId: ownIntegration },
    fields: { runId: run },
  }),
  [`${LEVEL}._index action automations`]: named(() => ({ allowed: "true" })),
  [`${LEVEL}._index action check-setup`]: nothing,
  [`${LEVEL}._index action custom-fields`]: named(() => ({ customFields: "daily" })),
  [`${LEVEL}._index action disconnect`]: named(() => ({ assets: "retire" })),
  [`${LEVEL}._index action grace`]: named(() => ({ graceDays: "5" })),
  [`${LEVEL}._index action promise`]: named(() => ({ promised: "on", percent: "90", hours: "3" })),
  [`${LEVEL}._index action read-custom-fields`]: nothing,
  [`${LEVEL}._index action rename`]: named(() => ({ label: "Accepted" })),
  [`${LEVEL}._index action replace-key`]: named(() => ({ apiKey: "a-key-of-mine" })),
  [`${LEVEL}._index action resume`]: nothing,
  [`${LEVEL}._index action schedule`]: named(() => ({ minutes: "120", alertsMinutes: "15" })),
  [`${LEVEL}._index action stop-ignoring`]: named(({ delivery }) => ({ record: delivery })),
  [`${LEVEL}._index action sync`]: named(() => ({ type: "full" })),
  [`${LEVEL}._index action test`]: nothing,
  [`${LEVEL}.devices action sync-device`]: named(({ device }) => ({ externalDeviceId: device })),
  [`${LEVEL}.matching action preview`]: named(({ group }) => ({
    version,
    mode: "some",
    group,
    priority: "5",
  })),
  [`${LEVEL}.matching action save`]: named(({ group }) => ({ version, mode: "some", group, priority: "5" })),
  [`${LEVEL}.mapping action preview`]: named(({ group }) => ({ version, changes: excluding(group) })),
  [`${LEVEL}.mapping action save`]: named(({ group }) => ({ version, changes: excluding(group) })),
  [`${LEVEL}.webhook action reveal`]: nothing,
  [`${LEVEL}.webhook action rotate`]: nothing,
  [`${LEVEL}.webhook action test`]: nothing,
  "routes/_app.settings.maintenance._index action pause": named(({ window }) => ({ window })),
  "routes/_app.settings.maintenance._index action resume": named(({ window }) => ({ window })),
  "routes/_app.settings.maintenance._index action delete": named(({ window }) => ({ window })),
  "routes/_app.settings.maintenance._index action time-zone": nothing,
  "routes/_app.settings.maintenance.$windowId action preview": nothing,
  "routes/_app.settings.maintenance.$windowId action save": named(() => aWindow),
  "routes/_app.settings.maintenance.new loader": ({ asset }) => ({ query: { asset } }),
  "routes/_app.settings.maintenance.new action preview": nothing,
  "routes/_app.settings.maintenance.new action save": nothing,
  "routes/_app.settings.rules._index action enable": named(({ rule }) => ({ rule })),
  "routes/_app.settings.rules._index action disable": named(({ rule }) => ({ rule })),
  "routes/_app.settings.rules._index action up": named(({ rule }) => ({ rule })),
  "routes/_app.settings.rules._index action down": named(({ rule }) => ({ rule })),
  "routes/_app.settings.rules._index action delete": named(({ rule }) => ({ rule })),
  "routes/_app.settings.rules.$ruleId action preview": nothing,
  "routes/_app.settings.rules.$ruleId action save": named(() => ({ name: "x", mails: "on" })),
  "routes/_app.settings.rules.new action preview": nothing,
  "routes/_app.settings.rules.new action save": nothing,
  "routes/_app.settings.account_.notices action save": nothing,
  "routes/_app.settings.notifications action save-recipients": nothing,
  "routes/_app.settings.notifications action test": nothing,
  "routes/_app.settings.notifications action retry": named(({ notification }) => ({ id: notification })),
  "routes/_app.settings.people action invite": nothing,
  "routes/_app.settings.people action renew-link": person,
  "routes/_app.settings.people action unlock-sign-in": person,
  "routes/_app.settings.people action change-role": person,
  "routes/_app.settings.people action end-sessions": person,
  "routes/_app.settings.people action remove": person,
  "routes/_app.settings.tokens action create": nothing,
  "routes/_app.settings.tokens action revoke": named(({ token }) => ({ token })),
  "routes/_app.settings.tokens action switch-mcp": nothing,
  "routes/sign-out action": nothing,
};

function excluding(group: string): string {
  return JSON.stringify([{ externalId: group, state: "excluded" }]);
}
