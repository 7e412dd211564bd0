import { parseArgs } from "node:util";
import * as z from "zod";
import { startSimulator, SIMULATOR_BASE_DATE, type SimulatorOptions } from "./index";

const USAGE =
  "usage: npm run simulator -- [--port 4010] [--host 127.0.0.1] [--devices 2500] [--seed N] [--latency MS] [--updates N] [--alerts N] [--requests-per-minute N] [--accounts N] [--fleets N] [--devices-each N] [--base-date now|ISO] [--api-key K] [--read-only-api-key K]";

const count = z.coerce.number().int().nonnegative();
const optionsSchema = z.strictObject({
  port: count.max(65535).default(4010),
  host: z.string().default("127.0.0.1"),
  devices: count.max(500_000).default(2500),
  seed: z.coerce.number().int().default(1),
  latency: z.coerce.number().nonnegative().default(0),
  updates: z.coerce.number().nonnegative().max(100).optional(),
  alerts: count.max(1_000_000).optional(),
  "requests-per-minute": z.coerce.number().int().positive().optional(),
  accounts: count.positive().max(100_000).optional(),
  fleets: count.positive().max(100_000).optional(),
  "devices-each": count.max(500_000).optional(),
  "base-date": z
    .string()
    .transform((text) => (text === "now" ? new Date() : new Date(text)))
    .refine((date) => !Number.isNaN(date.getTime()), "must be a date or the word now")
    .optional(),
  "api-key": z.string().min(1).optional(),
  "read-only-api-key": z.string().min(1).optional(),
});

/** @throws Error with one line that names the option. */
function readOptions(args: string[]): SimulatorOptions {
  const text = { type: "string" } as const;
  const options = Object.fromEntries(Object.keys(optionsSchema.shape).map((name) => [name, text]));
  const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`--${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { latency, updates, ...rest } = parsed.data;
  return {
    port: rest.port,
    host: rest.host,
    devices: rest.devices,
    seed: rest.seed,
    latencyMs: latency,
    updatesPerDevice: updates,
    alerts: rest.alerts,
    requestsPerMinute: rest["requests-per-minute"],
    accounts: rest.accounts,
    fleets: rest.fleets,
    devicesEach: rest["devices-each"],
    baseDate: rest["base-date"] ?? SIMULATOR_BASE_DATE,
    apiKey: rest["api-key"],
    readOnlyApiKey: rest["read-only-api-key"],
    control: true,
  };
}

async function main(): Promise<void> {
  const simulator = await startSimulator(readOptions(process.argv.slice(2)));
  const { account, url, apiKey } = simulator;
  console.log(`Level simulator: url=${url} key=${apiKey} devices=${account.devices.size}`);
  const stop = () => void simulator.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`simulator: ${message.split("\n")[0]} (${USAGE})`);
  process.exit(1);
});
