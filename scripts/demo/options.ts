import { parseArgs } from "node:util";

import * as z from "zod";

const USAGE = "Usage: npm run demo -- [--exit] [--devices 2500] [--days 90] [--seed 1] [--latency 0]";

const count = (what: string, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `is ${what}`)
    .transform(Number)
    .refine((n) => n <= max, `is ${what}`);

const schema = z.object({
  exit: z.boolean().default(false),
  devices: count("a number from 0 to 500,000", 500_000).default(2500),
  days: count("a number of days, up to 366", 366).default(90),
  seed: count("a whole number", 999_999_999).default(1),
  latency: count("in milliseconds, up to 60,000", 60_000).default(0),
});

export type DemoOptions = z.output<typeof schema>;

/** The arguments of the demo are invalid. */
class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint = USAGE;
  constructor(readonly userMessage: string) {
    super(userMessage);
  }
}

/** @throws UsageError naming the option */
export function readOptions(args: string[]): DemoOptions {
  const parsed = schema.safeParse(valuesOf(args));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`--${issue!.path.join(".")} ${issue!.message}.`);
}

function valuesOf(args: string[]) {
  const text = { type: "string" } as const;
  try {
    const options = {
      exit: { type: "boolean" },
      devices: text,
      days: text,
      seed: text,
      latency: text,
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    // Drops all but the first sentence: Node adds advice about values that look like options.
    throw new UsageError(`${(error as Error).message.replace(/\. .*$/s, "")}.`);
  }
}
