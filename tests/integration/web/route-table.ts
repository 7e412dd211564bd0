import type { Permission } from "@domain/permissions";
import type { ProviderKey } from "~/connectors/registry";

/** A permission, and the provider without which the route does not exist. */
export type Asked = Permission | `${Permission} of ${ProviderKey}`;

/**
 * Every route, with the requirement of its loader and of its action: a permission, intents with one each, `open` with
 * the reason, or `own` for an endpoint that programs call and that checks them itself.
 */
export type Rule = Asked | "open" | "own" | Record<string, Asked>;

export const routeTable: Record<string, { loader?: Rule; action?: Rule }> = {
  root: { loader: "open" },
  "routes/_app": { loader: "account:self" },
  "routes/_app.$": { loader: "account:self", action: "account:self" },
  "routes/_app._index": { loader: "assets:read" },
  "routes/_app.alerts._index": {
    loader: "alerts:read",
    action: {
      acknowledge: "alerts:write",
      reopen: "alerts:write",
      own: "alerts:write",
      resolve: "alerts:write",
      snooze: "alerts:write",
    },
  },
  "routes/_app.alerts.incidents.$incidentId": {
    loader: "alerts:read",
    action: {
      acknowledge: "alerts:write",
      reopen: "alerts:write",
      own: "alerts:write",
      disown: "alerts:write",
      resolve: "alerts:write",
      "resolve-in-rmm": "alerts:write of levelio",
      snooze: "alerts:write",
      comment: "alerts:write",
      open_ticket: "alerts:write",
      name_ticket: "alerts:write",
      retry_ticket: "alerts:write",
    },
  },
  "routes/_app.alerts.list": {
    loader: "alerts:read",
    action: {
      acknowledge: "alerts:write",
      reopen: "alerts:write",
      undo: "alerts:write",
    },
  },
  "routes/_app.alerts.$alertId": {
    loader: "alerts:read",
    action: { acknowledge: "alerts:write", reopen: "alerts:write", resolve: "alerts:write of levelio" },
  },
  "routes/_app.alerts.deliveries._index": {
    loader: "integrations:read",
    action: { replay: "integrations:manage of levelio" },
  },
  "routes/_app.alerts.deliveries.$deliveryId": {
    loader: "integrations:read",
    action: { replay: "integrations:manage of levelio" },
  },
  "routes/_app.assets._index": {
    loader: "assets:read",
    action: {
      "bulk-preview": "assets:read",
      bulk: "assets:write",
      "bulk-refresh": "devices:refresh of levelio",
      "bulk-undo": "assets:write",
      "save-view": "assets:read",
      "remove-view": "assets:read",
    },
  },
  "routes/_app.assets.$assetId": {
    loader: "assets:read",
    action: {
      follow: "assets:write",
      remove: "assets:write",
      "undo-merge": "assets:write",
      refresh: "devices:refresh of levelio",
    },
  },
  "routes/_app.assets.$assetId_.edit": { loader: "assets:write", action: { edit: "assets:write" } },
  "routes/_app.assets.$assetId_.history": { loader: "assets:read" },
  "routes/_app.assets.$assetId_.merge": { loader: "assets:write", action: { merge: "assets:write" } },
  "routes/_app.assets.differences": {
    loader: "assets:read",
    action: { theirs: "assets:write", ours: "assets:write" },
  },
  "routes/_app.assets.new": { loader: "assets:write", action: { add: "assets:write" } },
  "routes/_app.clients._index": {
    loader: "clients:read",
    action: { create: "clients:write" },
  },
  "routes/_app.clients.$clientId": {
    loader: "clients:read",
    action: {
      change: "clients:write",
      merge: "clients:write",
      "undo-merge": "clients:write",
      archive: "clients:write",
      restore: "clients:write",
      "add-site": "clients:write",
      "change-site": "clients:write",
      "remove-site": "clients:write",
      "add-contact": "clients:write",
      "change-contact": "clients:write",
      "remove-contact": "clients:write",
    },
  },
  "routes/_app.clients.import": {
    loader: "clients:write",
    action: { preview: "clients:write", import: "clients:write" },
  },
  "routes/_app.clients.counts": { action: { lock: "clients:write" }, loader: "clients:read" },
  "routes/_app.coverage": {
    action: { ignore: "assets:write", unignore: "assets:write" },
    loader: "assets:read",
  },
  "routes/_app.settings.tickets": {
    loader: "integrations:manage",
    action: {
      save: "integrations:manage",
      pause: "integrations:manage",
      resume: "integrations:manage",
      remove: "integrations:manage",
      test: "integrations:manage",
    },
  },
  "routes/_app.events._index": { loader: "integrations:read" },
  "routes/_app.events.webhooks": {
    loader: "integrations:read",
    action: {
      subscribe: "integrations:manage",
      add_channel: "integrations:manage",
      change: "integrations:manage",
      pause: "integrations:manage",
      resume: "integrations:manage",
      renew: "integrations:manage",
      drop_legacy: "integrations:manage",
      test: "integrations:manage",
      unsubscribe: "integrations:manage",
      replay: "integrations:manage",
    },
  },
  "routes/_app.patches.$patchKey": { loader: "assets:read" },
  "routes/_app.patches._index": { loader: "assets:read" },
  "routes/_app.patches.devices": { loader: "assets:read" },
  "routes/_app.review._index": {
    loader: "assets:read",
    action: { approve: "assets:write", reject: "assets:write" },
  },
  "routes/_app.review.devices": {
    loader: "assets:read",
    action: { approve: "assets:write", reject: "assets:write" },
  },
  "routes/_app.review.identity": {
    loader: "assets:read",
    action: { apart: "assets:write", link: "assets:write", own: "assets:write" },
  },
  "routes/_app.runs._index": { loader: "runs:read" },
  "routes/_app.runs.$runId_.undo": { loader: "assets:write", action: { undo: "assets:write" } },
  "routes/_app.runs.$runId_.changes": { loader: "runs:read" },
  "routes/_app.runs.$runId": {
    loader: "runs:read",
    action: {
      apply: "syncs:run of levelio",
      cancel: "syncs:run",
      ignore: "syncs:run of levelio",
      "retry-failed": "syncs:run of levelio",
    },
  },
  "routes/_app.settings.account": {
    loader: "account:self",
    action: { password: "account:self", "end-session": "account:self", "end-others": "account:self" },
  },
  "routes/_app.settings.audit": { loader: "audit:read" },
  "routes/_app.settings.integrations.$connectionId": { loader: "integrations:read" },
  "routes/_app.settings.integrations._index": { loader: "integrations:read" },
  "routes/_app.settings.integrations.levelio._index": {
    loader: "integrations:read of levelio",
    action: { connect: "integrations:manage of levelio" },
  },
  "routes/_app.settings.integrations.levelio.$connectionId": { loader: "integrations:read of levelio" },
  "routes/_app.settings.integrations.levelio.$connectionId._index": {
    loader: "integrations:read of levelio",
    action: {
      automations: "automations:manage of levelio",
      cancel: "syncs:run of levelio",
      "check-setup": "syncs:run of levelio",
      "custom-fields": "integrations:manage of levelio",
      disconnect: "integrations:manage of levelio",
      grace: "integrations:manage of levelio",
      promise: "integrations:manage of levelio",
      "read-custom-fields": "syncs:run of levelio",
      rename: "integrations:manage of levelio",
      "replace-key": "integrations:manage of levelio",
      resume: "integrations:manage of levelio",
      schedule: "integrations:manage of levelio",
      "stop-ignoring": "syncs:run of levelio",
      sync: "syncs:run of levelio",
      test: "syncs:run of levelio",
    },
  },
  "routes/_app.settings.integrations.levelio.$connectionId.devices": {
    loader: "integrations:read of levelio",
    action: { "sync-device": "devices:refresh of levelio" },
  },
  "routes/_app.settings.integrations.levelio.$connectionId.matching": {
    loader: "integrations:read of levelio",
    action: { preview: "integrations:manage of levelio", save: "integrations:manage of levelio" },
  },
  "routes/_app.settings.integrations.levelio.$connectionId.mapping": {
    loader: "integrations:read of levelio",
    action: { preview: "integrations:manage of levelio", save: "integrations:manage of levelio" },
  },
  "routes/_app.settings.integrations.levelio.$connectionId.webhook": {
    loader: "integrations:read of levelio",
    action: {
      reveal: "integrations:manage of levelio",
      rotate: "integrations:manage of levelio",
      test: "integrations:manage of levelio",
    },
  },
  "routes/_app.settings.maintenance._index": {
    loader: "alerts:read",
    action: {
      pause: "alerts:write",
      resume: "alerts:write",
      delete: "alerts:write",
      "time-zone": "integrations:manage",
    },
  },
  "routes/_app.settings.maintenance.$windowId": {
    loader: "alerts:write",
    action: { preview: "alerts:write", save: "alerts:write" },
  },
  "routes/_app.settings.maintenance.new": {
    loader: "alerts:write",
    action: { preview: "alerts:write", save: "alerts:write" },
  },
  "routes/_app.settings.rules._index": {
    loader: "alerts:read",
    action: {
      enable: "integrations:manage",
      disable: "integrations:manage",
      up: "integrations:manage",
      down: "integrations:manage",
      delete: "integrations:manage",
    },
  },
  "routes/_app.settings.rules.$ruleId": {
    loader: "integrations:manage",
    action: { preview: "integrations:manage", save: "integrations:manage" },
  },
  "routes/_app.settings.rules.new": {
    loader: "integrations:manage",
    action: { preview: "integrations:manage", save: "integrations:manage" },
  },
  "routes/_app.settings.account_.notices": { loader: "account:self", action: { save: "account:self" } },
  "routes/_app.settings.notifications": {
    loader: "integrations:manage",
    action: {
      "save-recipients": "integrations:manage",
      test: "integrations:manage",
      retry: "integrations:manage",
    },
  },
  "routes/_app.settings.people": {
    loader: "people:manage",
    action: {
      invite: "people:manage",
      "renew-link": "people:manage",
      "unlock-sign-in": "people:manage",
      "change-role": "people:manage",
      "end-sessions": "people:manage",
      remove: "people:manage",
    },
  },
  "routes/_app.settings.api._index": { loader: "account:self" },
  "routes/_app.settings.api.$operationId": { loader: "account:self" },
  "routes/_app.settings.tokens": {
    loader: "account:self",
    action: { create: "account:self", revoke: "account:self", "switch-mcp": "people:manage" },
  },
  "routes/api.inngest": { loader: "own", action: "own" },
  "routes/api.mcp": { loader: "open", action: "open" },
  "routes/api.v1.$": { loader: "open", action: "open" },
  "routes/api.v1.openapi[.]json": { loader: "open" },
  "routes/api.webhooks.levelio": { loader: "open", action: "open" },
  "routes/incidents[.]csv": { loader: "alerts:read" },
  "routes/alerts[.]csv": { loader: "alerts:read" },
  "routes/review[.]csv": { loader: "assets:read" },
  "routes/runs[.]csv": { loader: "runs:read" },
  "routes/settings.support[.]tar[.]gz": { loader: "support:download" },
  "routes/settings.audit[.]csv": { loader: "audit:read" },
  "routes/settings.integrations.levelio.$connectionId.devices[.]csv": {
    loader: "integrations:read of levelio",
  },
  "routes/settings.integrations.levelio.$connectionId.mapping[.]csv": {
    loader: "integrations:read of levelio",
  },
  "routes/assets[.]csv": { loader: "assets:read" },
  "routes/changes": { loader: "runs:read" },
  "routes/clients.$clientId.summary[.]csv": { loader: "clients:read" },
  "routes/clients.changes[.]csv": { loader: "clients:read" },
  "routes/clients.contacts[.]csv": { loader: "clients:read" },
  "routes/clients.sites[.]csv": { loader: "clients:read" },
  "routes/clients.counts[.]csv": { loader: "clients:read" },
  "routes/clients[.]csv": { loader: "clients:read" },
  "routes/coverage[.]csv": { loader: "assets:read" },
  "routes/invite.$token": { loader: "open", action: "open" },
  "routes/metrics": { loader: "open" },
  "routes/patches.devices[.]csv": { loader: "assets:read" },
  "routes/patches.review[.]csv": { loader: "assets:read" },
  "routes/patches[.]csv": { loader: "assets:read" },
  "routes/readyz": { loader: "open" },
  "routes/runs.$runId.changes[.]csv": { loader: "runs:read" },
  "routes/runs.$runId.errors[.]csv": { loader: "runs:read" },
  "routes/runs.$runId.plan[.]csv": { loader: "runs:read" },
  "routes/search": { loader: "account:self" },
  "routes/settings.integrations.levelio.$connectionId.progress": { loader: "integrations:read of levelio" },
  "routes/setup": { loader: "open", action: "open" },
  "routes/sign-in": { loader: "open", action: "open" },
  "routes/sign-out": { loader: "open", action: "account:self" },
  "routes/unsubscribe.$token": { loader: "open", action: "open" },
  "routes/settings.tickets.$systemId.companies[.]csv": { loader: "integrations:manage" },
  "routes/_app.settings.tickets_.$systemId.companies": {
    loader: "integrations:manage",
    action: { save: "integrations:manage", import: "integrations:manage", list: "integrations:manage" },
  },
  "routes/theme": { loader: "open", action: "open" },
};
