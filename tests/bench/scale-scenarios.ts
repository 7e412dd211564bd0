import { measureFairness, type FairnessChoice } from "./fairness";
import { figure, type Figure } from "./figure";
import { measureHeavyAccount, type HeavyChoice } from "./heavy-account";
import { saturation } from "./meters";
import { measureTenants, type TenantsChoice } from "./tenants";
import type { Answers } from "./traffic";

/** The hourly syncs of many small companies on one installation: their share of the hour, and the bottleneck. */
export async function manyTenants(postgresUrl: string, choice: TenantsChoice): Promise<Figure[]> {
  const { load, completed, failed, open, minutes, ...times } = await measureTenants(postgresUrl, choice);
  process.stderr.write(`  it saturates by ${saturation(load)}\n`);
  const percents = Object.entries(load.cores).map(([user, n]) => [`${user}Percent`, n * 100] as const);
  const { tenants, devices, inngest } = choice;
  const by = inngest === undefined ? "the embedded runner" : "an Inngest server";
  return [
    figure(
      "tenants",
      `an hour's full syncs of ${tenants} tenants of ${devices} devices on ${by} ÷ an hour`,
      open > 0 ? Infinity : minutes / 60,
      { atMost: 1 },
      {
        completed,
        seconds: minutes * 60,
        ...{ perMinute: times.perMinute, p50S: times.p50, p95S: times.p95, maxS: times.max },
        ...{
          deepestQueue: times.deepestQueue,
          mostRunning: times.mostRunning,
          rateLimited: times.rateLimited,
        },
        ...Object.fromEntries(percents),
        walMb: load.walMb,
        walKbASync: (load.walMb * 1024) / Math.max(1, completed),
        connections: load.mostConnections,
      },
    ),
    figure(
      "tenants-lost",
      "full syncs that failed or had not ended",
      failed + open,
      { atMost: 0 },
      { failed, open },
    ),
  ];
}

const inMs = (name: string, { p50, p95, p99, faults, answers }: Answers) => ({
  [`${name}P50Ms`]: p50,
  [`${name}P95Ms`]: p95,
  [`${name}P99Ms`]: p99,
  [`${name}Answers`]: answers,
  [`${name}Faults`]: faults,
});

/** A small company's syncs, pages and webhooks during the sweep of a large one, against the same alone. */
export async function fairness(postgresUrl: string, choice: FairnessChoice): Promise<Figure[]> {
  const { alone, beside, pagesOfLarge } = await measureFairness(postgresUrl, choice);
  const what = `while ${choice.devices.toLocaleString("en")} devices of another tenant are swept`;
  return [
    figure(
      "fairness",
      `a sync of 500 devices ${what} ÷ alone`,
      beside.median / alone.median,
      { atMost: 2 },
      {
        besideMs: beside.median,
        slowestMs: Math.max(...beside.syncs),
        aloneMs: alone.median,
        syncs: beside.syncs.length,
        pagesOfLarge,
      },
    ),
    figure(
      "fairness-page",
      `p95 in ms of a page ${what}`,
      beside.page.p95,
      { atMost: 300 },
      {
        ...inMs("beside", beside.page),
        ...inMs("alone", alone.page),
      },
    ),
    figure(
      "fairness-hook",
      `p95 in ms of a webhook ${what}`,
      beside.webhook.p95,
      { atMost: 100 },
      {
        ...inMs("beside", beside.webhook),
        ...inMs("alone", alone.webhook),
      },
    ),
  ];
}

/** What others experience while one account searches a large history as fast as it can. */
export async function heavyAccount(postgresUrl: string, choice: HeavyChoice): Promise<Figure[]> {
  const { searches, others, own, ready, webhook, load } = await measureHeavyAccount(postgresUrl, choice);
  const what = `while one account makes ${choice.searches} searches at a time`;
  process.stderr.write(`  it saturates by ${saturation(load)}\n`);
  return [
    figure(
      "heavy-pages",
      `p95 in ms of another company's pages ${what}`,
      others.p95,
      { atMost: 300 },
      {
        ...inMs("others", others),
        ...inMs("own", own),
        searches: searches.answers,
        searchP50Ms: searches.p50,
        searchP95Ms: searches.p95,
        ...Object.fromEntries(
          Object.entries(searches.statuses).map(([status, n]) => [`searches${status}`, n]),
        ),
      },
    ),
    figure(
      "heavy-faults",
      `answers that were not as they should be ${what}`,
      others.faults + ready.faults + webhook.faults,
      { atMost: 0 },
      {
        pages: others.faults,
        readyz: ready.faults,
        webhooks: webhook.faults,
      },
    ),
    figure(
      "heavy-hooks",
      `p99 in ms of another company's webhooks ${what}`,
      webhook.p99,
      { atMost: 500 },
      {
        ...inMs("webhook", webhook),
        ...inMs("readyz", ready),
      },
    ),
  ];
}
