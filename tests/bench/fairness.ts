import { setTimeout as sleep } from "node:timers/promises";

import { startSimulatorProcess } from "../../scripts/demo/simulator-process";
import { deferSchedules } from "../support/schedule";
import {
  askForSync,
  createCompany,
  mapCompany,
  openOffice,
  readCompany,
  readRun,
  signIn,
  timeSync,
} from "./companies";
import { startInstallation } from "./installation";
import { openTraffic, pageStream, sharesOf, webhookStream, type Answers } from "./traffic";
import { readDeviceIds } from "./webhook-load";

export interface FairnessChoice {
  /** Devices of the company whose sweep runs meanwhile. */
  devices: number;
  inngest: string | undefined;
  syncsAtOnce: number | undefined;
}

interface Phase {
  /** Milliseconds of the small company's syncs from request to end, in order. */
  syncs: number[];
  page: Answers;
  webhook: Answers;
}

export interface FairnessFigures {
  alone: Phase & { median: number };
  beside: Phase & { median: number };
  /** Pages that the large sweep had read when the small company's last sync ended. */
  pagesOfLarge: number;
}

const SMALL = 500;
const ROUNDS = 9;
const PAGES = ["/", "/assets", "/clients", "/alerts", "/patches", "/runs"];
const PAGES_A_SECOND = 4;
const WEBHOOKS_A_SECOND = 10;
/** Pages after which the large sweep counts as running. */
const UNDER_WAY_PAGES = 8;

/** Syncs a small company alone, then during the first sweep of a large one, while its pages and webhooks continue. */
export async function measureFairness(postgresUrl: string, choice: FairnessChoice): Promise<FairnessFigures> {
  const { devices, inngest } = choice;
  const api = await startSimulatorProcess([
    "--devices",
    String(devices),
    "--devices-each",
    String(SMALL),
    "--accounts",
    "2",
  ]);
  const office = await openOffice({ postgresUrl, levelUrl: api.url, inngest });
  try {
    const large = await createCompany(office, "large", api.apiKey);
    const small = await createCompany(office, "small", `${api.apiKey}-1`);
    await mapCompany(office, large);
    await readCompany(office, small);
    await deferSchedules(office.app.db);
    const deviceIds = await readDeviceIds({ url: api.url, apiKey: `${api.apiKey}-1` }, 200);
    const cookie = await signIn(office, small.tenantId);
    const installation = await startInstallation({
      ...choice,
      databaseUrl: office.databaseUrl,
      levelUrl: api.url,
    });
    try {
      const phase = async (goesOn: () => Promise<boolean>) => {
        const traffic = openTraffic({
          page: pageStream(installation.url, cookie, PAGES, PAGES_A_SECOND),
          webhook: await webhookStream(office, installation.url, small, {
            deviceIds,
            perSecond: WEBHOOKS_A_SECOND,
          }),
        });
        const syncs: number[] = [];
        do syncs.push(await timeSync(office, small));
        while (syncs.length < ROUNDS && (await goesOn()));
        return { syncs, median: sharesOf(syncs).p50, ...(await traffic.stop()) };
      };
      // The first sync after a start warms up the processes.
      await timeSync(office, small);
      const alone = await phase(() => Promise.resolve(true));
      const run = await askForSync(office, large);
      const readLarge = () => readRun(office.app, large, run.id);
      while ((await readLarge()).pages < UNDER_WAY_PAGES) await sleep(200);
      let pagesOfLarge = 0;
      const beside = await phase(async () => {
        const { pages, endedAt } = await readLarge();
        pagesOfLarge = pages;
        return endedAt === null;
      });
      // A sync during which the sweep ended ran partly alone.
      if ((await readLarge()).endedAt !== null) beside.syncs.pop();
      if (beside.syncs.length === 0) throw new Error("The large sweep ended first: give it more devices.");
      beside.median = sharesOf(beside.syncs).p50;
      return { alone, beside, pagesOfLarge };
    } finally {
      await installation.stop();
    }
  } finally {
    await office.close();
    await api.stop();
  }
}
