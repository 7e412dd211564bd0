import type { Permission } from "~/auth/permissions";

/**
 * Every route, what its loader asks for, and what its action does: a permission, intents with one each, `open`
 * with the reason it gives, or `own` for an endpoint that programs call and that checks them in its own way.
 */
export type Rule = Permission | "open" | "own" | Record<string, Permission>;

export const routeTable: Record<string, { loader?: Rule; action?: Rule }> = {
  root: { loader: "open" },
  "routes/_app": { loader: "account:self" },
  "routes/_app.$": { loader: "account:self", action: "account:self" },
  "routes/_app._index": { loader: "assets:read" },
  "routes/_app.alerts._index": { loader: "alerts:read" },
  "routes/_app.alerts.$alertId": {
    loader: "alerts:read",
    action: { acknowledge: "alerts:write", reopen: "alerts:write", resolve: "alerts:write" },
  },
  "routes/_app.alerts.deliveries._index": {
    loader: "integrations:read",
    action: { replay: "integrations:manage" },
  },
  "routes/_app.alerts.deliveries.$deliveryId": {
    loader: "integrations:read",
    action: { replay: "integrations:manage" },
  },
  "routes/_app.assets._index": { loader: "assets:read" },
  "routes/_app.assets.$assetId": { loader: "assets:read", action: { refresh: "devices:refresh" } },
  "routes/_app.clients._index": {
    loader: "clients:read",
    action: { create: "clients:write", import: "clients:write" },
  },
  "routes/_app.clients.$clientId": {
    loader: "clients:read",
    action: {
      change: "clients:write",
      merge: "clients:write",
      archive: "clients:write",
      restore: "clients:write",
    },
  },
  "routes/_app.events._index": { loader: "integrations:read" },
  "routes/_app.events.webhooks": {
    loader: "integrations:read",
    action: {
      subscribe: "integrations:manage",
      unsubscribe: "integrations:manage",
      replay: "integrations:manage",
    },
  },
  "routes/_app.runs._index": { loader: "runs:read" },
  "routes/_app.runs.$runId": {
    loader: "runs:read",
    action: { cancel: "syncs:run", "confirm-gone": "integrations:manage", "retry-failed": "syncs:run" },
  },
  "routes/_app.settings.account": {
    loader: "account:self",
    action: { password: "account:self", "end-session": "account:self", "end-others": "account:self" },
  },
  "routes/_app.settings.audit": { loader: "audit:read" },
  "routes/_app.settings.integrations.$integrationId": { loader: "integrations:read" },
  "routes/_app.settings.integrations._index": { loader: "integrations:read" },
  "routes/_app.settings.integrations.levelio._index": {
    loader: "integrations:read",
    action: { connect: "integrations:manage" },
  },
  "routes/_app.settings.integrations.levelio.$integrationId": { loader: "integrations:read" },
  "routes/_app.settings.integrations.levelio.$integrationId._index": {
    loader: "integrations:read",
    action: {
      cancel: "syncs:run",
      "check-setup": "syncs:run",
      disconnect: "integrations:manage",
      rename: "integrations:manage",
      "replace-key": "integrations:manage",
      resume: "integrations:manage",
      schedule: "integrations:manage",
      sync: "syncs:run",
      test: "syncs:run",
    },
  },
  "routes/_app.settings.integrations.levelio.$integrationId.devices": {
    loader: "integrations:read",
    action: { "sync-device": "devices:refresh" },
  },
  "routes/_app.settings.integrations.levelio.$integrationId.groups": {
    loader: "integrations:read",
    action: { "preview-group": "integrations:manage", "save-group": "integrations:manage" },
  },
  "routes/_app.settings.integrations.levelio.$integrationId.mapping": {
    loader: "integrations:read",
    action: { preview: "integrations:manage", save: "integrations:manage" },
  },
  "routes/_app.settings.integrations.levelio.$integrationId.webhook": {
    loader: "integrations:read",
    action: {
      reveal: "integrations:manage",
      rotate: "integrations:manage",
      test: "integrations:manage",
    },
  },
  "routes/_app.settings.people": {
    loader: "people:manage",
    action: {
      invite: "people:manage",
      "renew-link": "people:manage",
      "change-role": "people:manage",
      remove: "people:manage",
    },
  },
  "routes/api.inngest": { loader: "own", action: "own" },
  "routes/api.webhooks.levelio": { loader: "open", action: "open" },
  "routes/clients[.]csv": { loader: "clients:read" },
  "routes/invite.$token": { loader: "open", action: "open" },
  "routes/metrics": { loader: "open" },
  "routes/readyz": { loader: "open" },
  "routes/runs.$runId.errors[.]csv": { loader: "runs:read" },
  "routes/runs.$runId.events": { loader: "runs:read" },
  "routes/settings.integrations.levelio.$integrationId.progress": { loader: "integrations:read" },
  "routes/setup": { loader: "open", action: "open" },
  "routes/sign-in": { loader: "open", action: "open" },
  "routes/sign-out": { loader: "open", action: "account:self" },
  "routes/theme": { loader: "open", action: "open" },
};
