import { describe, expect, it } from "vitest";

import { Account, SIMULATOR_BASE_DATE } from "../../level-simulator";
import { passDays } from "../../level-simulator/everyday";

const SEED = 7;
const account = () =>
  new Account({ devices: 600, seed: SEED, baseDate: SIMULATOR_BASE_DATE, updatesPerDevice: 3, alerts: 60 });

describe("days that pass in the simulated account", () => {
  it("bring the same changes, whether they pass at once or one by one", () => {
    const [atOnce, oneByOne] = [account(), account()];
    passDays(atOnce, SEED, 6);
    for (let day = 0; day < 6; day++) passDays(oneByOne, SEED, 1);
    const all = (fleet: Account) => JSON.stringify([...fleet.devices, ...fleet.updates, ...fleet.alerts]);
    expect(all(atOnce)).toBe(all(oneByOne));
    expect(all(atOnce)).not.toBe(all(account()));
  });

  it("take exactly a day each, however much happens, and leave nothing for afterwards", () => {
    const fleet = account();
    passDays(fleet, SEED, 90);
    const endsAt = SIMULATOR_BASE_DATE.getTime() + 90 * 24 * 60 * 60_000;
    expect(fleet.now().getTime()).toBe(endsAt);
    const lastDay = [...fleet.alerts].filter(
      ({ started_at }) => Date.parse(String(started_at)) > endsAt - 24 * 60 * 60_000,
    );
    expect(lastDay.length).toBeGreaterThan(0);
  });

  it("let updates be installed as fast as they are released, and keep the size of the fleet", () => {
    const fleet = account();
    const pending = () => [...fleet.updates].filter((update) => update.is_available).length;
    const before = pending();
    passDays(fleet, SEED, 90);
    expect(pending()).toBeGreaterThan(before / 3);
    expect(pending()).toBeLessThan(before * 1.5);
    expect([...fleet.devices]).toHaveLength(600);
  });
});
