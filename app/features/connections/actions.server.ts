import type { AuditAction } from "@domain/audit-actions";
import { json, redirect } from "@remix-run/node";

import { getIntegration } from "@db/queries/connections/connections";
import { count } from "@domain/format";
import { notFound, type Context } from "~/auth/guard.server";
import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import { startSync as requestSync } from "~/features/sync-execution/start-sync.server";
import { actorOf } from "~/platform/actor";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText } from "~/platform/http/stale.server";

import { stopIgnoring } from "~/features/sync-runs/ignored-records.server";
import { checkSetup, testConnection } from "./check-setup.server";
import { connect } from "./connect.server";
import { changeSettings, resumeSchedule } from "./connection-settings.server";
import { connectionOf, noSuchConnection, type ConnectionContext } from "./context.server";
import { disconnect } from "./disconnect.server";
import {
  cancelForm,
  connectForm,
  disconnectForm,
  graceForm,
  ignoredRecordForm,
  renameForm,
  replaceKeyForm,
  scheduleForm,
  syncForm,
} from "./forms.server";

/** The actions of a Level connection's pages, each with its permission. */

const manage = { permission: "integrations:manage", provider: "levelio" } as const;
const manageAutomations = { permission: "automations:manage", provider: "levelio" } as const;
const runSyncs = { permission: "syncs:run", provider: "levelio" } as const;

const settingWords = {
  label: "name",
  fullSyncEnabled: "automatic full sync",
  fullSyncIntervalMinutes: "interval of the full sync",
  alertsSyncIntervalMinutes: "interval of comparing alerts",
  goneGraceDays: "days until an asset is retired",
  rulesStartAutomations: "rules starting automations",
};

const labelTaken = "Another connection has this name. Choose a different one.";

/** Saves a new connection after a test call with its key. */
export const connectIntents = {
  connect: {
    ...manage,
    run: async (context: Context) => {
      const parsed = parseForm(connectForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { label, apiKey } = parsed.data;
      const outcome = await connect(context.app.sync, {
        tenantId: context.tenantId,
        provider: "levelio",
        label,
        apiKey,
        actor: actorOf(context),
      });
      switch (outcome.state) {
        case "saved":
          return done(
            `/settings/integrations/levelio/${outcome.integration.id}`,
            outcome.sameAs === null
              ? `${outcome.integration.label} is connected. Next: find its groups.`
              : `${outcome.integration.label} is connected. It is the same Level account as ${outcome.sameAs}.`,
          );
        case "refused":
          return refused(problem(context.form, { apiKey: sentence(outcome.error) }));
        case "label_taken":
          return refused(problem(context.form, { label: labelTaken }), 409);
        case "unknown_integration":
          throw noSuchConnection();
      }
    },
  },
};

const sentence = (error: { userMessage: string; hint: string }) => `${error.userMessage} ${error.hint}`;

/** Audits that a person used the stored key for a test, with the result. */
const auditLook = (
  { inTenant, audit }: Context,
  { connectionId }: ConnectionContext["ref"],
  action: AuditAction,
  details: Record<string, string>,
) => inTenant((tx) => audit(tx, { action, targetType: "integration", targetId: connectionId, details }));

export const connectionIntents = {
  "stop-ignoring": {
    ...runSyncs,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(ignoredRecordForm, context.form);
      if (!parsed.ok)
        throw new Response("This form is not recognised. Load the page again.", { status: 400 });
      const { state } = await stopIgnoring(context.app.sync, ref, parsed.data.record, actor);
      if (state === "unknown_record") throw notFound("This record is not ignored.");
      return done(path, "The next sync counts this record as failed again.");
    },
  },

  "replace-key": {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(replaceKeyForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await connect(context.app.sync, {
        ...ref,
        provider: "levelio",
        apiKey: parsed.data.apiKey,
        actor,
      });
      switch (outcome.state) {
        case "saved":
          return done(
            path,
            outcome.sameAs === null
              ? "The key works and is saved. Mappings and assets are as they were."
              : `The key is saved. It is of the same Level account as ${outcome.sameAs}.`,
          );
        case "refused":
          return refused(problem(context.form, { apiKey: sentence(outcome.error) }));
        case "label_taken":
        case "unknown_integration":
          throw noSuchConnection();
      }
    },
  },

  test: {
    ...runSyncs,
    run: async (context: Context) => {
      const { ref, actor } = await connectionOf(context, "levelio");
      const outcome = await testConnection(context.app.sync, ref, actor);
      if (outcome.state === "unknown_integration") throw noSuchConnection();
      await auditLook(context, ref, "integration.tested", {
        outcome: outcome.state === "failed" ? outcome.message : outcome.state,
      });
      return json({ test: outcome });
    },
  },

  "check-setup": {
    ...runSyncs,
    run: async (context: Context) => {
      const { ref } = await connectionOf(context, "levelio");
      const outcome = await checkSetup(context.app.sync, ref);
      if (outcome.state === "unknown_integration") throw noSuchConnection();
      const probes = outcome.state === "checked" ? outcome.probes : [];
      await auditLook(
        context,
        ref,
        "integration.setup_checked",
        Object.fromEntries(
          probes.map((probe) => [probe.resource, probe.state === "failed" ? probe.message : probe.state]),
        ),
      );
      return json({ probes });
    },
  },

  sync: {
    ...runSyncs,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(syncForm, context.form);
      if (!parsed.ok) throw notFound("There is no such sync.");
      const outcome = await requestSync(context.app.sync, {
        ...ref,
        type: parsed.data.type,
        trigger: "manual",
        actor: actor.name,
        person: actor,
      });
      switch (outcome.state) {
        case "queued":
        case "joined":
          // Shows no message: the progress replaces the button, and a dry run opens its plan.
          return redirect(outcome.run.type === "dry_run" ? `/runs/${outcome.run.id}` : path, 303);
        case "unknown_integration":
          throw noSuchConnection();
        case "disconnected":
          return refused(
            problem(context.form, { sync: "This account is disconnected. Enter a key first." }),
            409,
          );
      }
    },
  },

  cancel: {
    ...runSyncs,
    run: async (context: Context) => {
      const { ref, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(cancelForm, context.form);
      if (!parsed.ok) throw notFound("This run does not exist.");
      const runId = parsed.data.runId.toLowerCase();
      const outcome = await cancelSync(context.app.sync, { tenantId: ref.tenantId, runId });
      if (outcome.state === "unknown_run") throw notFound("This run does not exist.");
      if (outcome.state === "already_ended") return done(path, "The run had ended already.");
      await context.inTenant((tx) =>
        context.audit(tx, { action: "run.cancelled", targetType: "run", targetId: runId }),
      );
      return redirect(path, 303);
    },
  },

  schedule: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(scheduleForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await changeSettings(
        context.app.sync,
        ref,
        {
          fullSyncEnabled: parsed.data.enabled === "on",
          fullSyncIntervalMinutes: parsed.data.minutes,
          alertsSyncIntervalMinutes: parsed.data.alertsMinutes,
        },
        actor,
        parsed.data.version,
      );
      if (outcome.state === "stale")
        return refused(problem(context.form, { schedule: staleText(outcome, settingWords) }), 409);
      if (outcome.state !== "saved") throw noSuchConnection();
      return done(path, outcome.changed.length > 0 ? "The schedule is saved." : "Nothing changed.");
    },
  },

  grace: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(graceForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const change = { goneGraceDays: parsed.data.graceDays };
      const outcome = await changeSettings(context.app.sync, ref, change, actor, parsed.data.version);
      if (outcome.state === "stale")
        return refused(problem(context.form, { graceDays: staleText(outcome, settingWords) }), 409);
      if (outcome.state !== "saved") throw noSuchConnection();
      return done(path, outcome.changed.length > 0 ? "The grace period is saved." : "Nothing changed.");
    },
  },

  automations: {
    ...manageAutomations,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const rulesStartAutomations = context.form.get("allowed") === "true";
      const outcome = await changeSettings(context.app.sync, ref, { rulesStartAutomations }, actor);
      if (outcome.state !== "saved") throw noSuchConnection();
      return done(
        path,
        rulesStartAutomations
          ? "Rules may start automations of this account."
          : "Rules start no automations of this account any more.",
      );
    },
  },

  resume: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const outcome = await resumeSchedule(context.app.sync, ref, actor);
      if (outcome.state === "unknown_integration") throw noSuchConnection();
      return done(
        path,
        outcome.state === "resumed" ? "The schedule goes on." : "The schedule was not paused.",
      );
    },
  },

  rename: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(renameForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { version, label } = parsed.data;
      const outcome = await changeSettings(context.app.sync, ref, { label }, actor, version);
      if (outcome.state === "stale") {
        const stored = await context.inTenant((tx) => getIntegration(tx, ref.tenantId, ref.connectionId));
        const text = staleText(outcome, settingWords, stored?.label);
        return refused(problem(context.form, { label: text }), 409);
      }
      if (outcome.state === "label_taken") return refused(problem(context.form, { label: labelTaken }), 409);
      if (outcome.state !== "saved") throw noSuchConnection();
      return done(path, "The name is saved.");
    },
  },

  disconnect: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(disconnectForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await disconnect(context.app.sync, { ...ref, assets: parsed.data.assets, actor });
      switch (outcome.state) {
        case "unknown_integration":
          throw noSuchConnection();
        case "already_disconnected":
          return done(path, "This account was disconnected already.");
        case "disconnected":
          return done(
            path,
            outcome.retired > 0
              ? `Disconnected. ${count(outcome.retired, "device")} marked as no longer managed.`
              : "Disconnected. Key and webhook secret are removed; the assets stay as they are.",
          );
      }
    },
  },
};
