import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { startSimulator, type LevelDevice, type Simulator } from "../../level-simulator";
import { get } from "./client";

const ACCOUNTS = 200;
const PER_MINUTE = 500;

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    devices: 30,
    devicesEach: 12,
    accounts: ACCOUNTS,
    requestsPerMinute: PER_MINUTE,
  });
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.close());

const keyOf = (account: number) => (account === 0 ? simulator.apiKey : `${simulator.apiKey}-${account}`);

async function devicesOf(account: number): Promise<LevelDevice[]> {
  const response = await get(simulator, "/v2/devices?limit=100", { authorization: keyOf(account) });
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: LevelDevice[] }).data;
}

it("answers as another account to each key, always with the same devices", async () => {
  const first = await devicesOf(0);
  const second = await devicesOf(1);
  expect([first.length, second.length]).toEqual([30, 12]);
  expect(second.map(({ id }) => id)).not.toEqual((await devicesOf(2)).map(({ id }) => id));
  // All others in between, so that this account is dropped and made again.
  for (let account = 2; account < ACCOUNTS; account++) await devicesOf(account);
  expect(await devicesOf(1)).toEqual(second);
});

it.each(["-0", `-${ACCOUNTS}`, "-01", "-1.0", "-x", "-"])("refuses a key that ends in %s", async (end) => {
  const response = await get(simulator, "/v2/groups", { authorization: `${simulator.apiKey}${end}` });
  expect(response.status).toBe(401);
});

it("limits each account separately", async () => {
  for (let n = 0; n < PER_MINUTE; n++) await get(simulator, "/v2/tags", { authorization: keyOf(3) });
  expect((await get(simulator, "/v2/tags", { authorization: keyOf(3) })).status).toBe(429);
  expect((await get(simulator, "/v2/tags", { authorization: keyOf(4) })).status).toBe(200);
});

it("lets accounts share fleets if told to", async () => {
  const shared = await startSimulator({ devices: 20, accounts: 6, fleets: 2 });
  try {
    const idsOf = async (account: number) => {
      const authorization = account === 0 ? shared.apiKey : `${shared.apiKey}-${account}`;
      const response = await get(shared, "/v2/devices?limit=100", { authorization });
      return ((await response.json()) as { data: LevelDevice[] }).data.map(({ id }) => id);
    };
    expect(await idsOf(3)).toEqual(await idsOf(1));
    expect(await idsOf(4)).toEqual(await idsOf(0));
    expect(await idsOf(1)).not.toEqual(await idsOf(0));
  } finally {
    await shared.close();
  }
});
