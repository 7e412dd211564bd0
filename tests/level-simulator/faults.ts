import * as z from "zod";
import type { Account } from "./account";
import { Random } from "./random";
import { RESOURCES, type Resource } from "./records";

/** The requests that a rule applies to. Every field narrows; an empty rule applies to every request. */
const aim = {
  resource: z.enum([...RESOURCES, "any"]).default("any"),
  /** Lists, single records (writes included), or both. */
  target: z.enum(["list", "item", "any"]).default("any"),
  /** Lets this many matching requests pass first. */
  afterRequests: z.int().nonnegative().default(0),
  /** Strikes this many times, then never again. */
  times: z.int().positive().default(Number.MAX_SAFE_INTEGER),
  /** 0 – 1, drawn from the simulator's seed. */
  probability: z.number().min(0).max(1).default(1),
};

/** Before the answer, or after half of the body. */
const moment = z.enum(["before", "body"]).default("before");

export const faultRuleSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rate_limit"),
    ...aim,
    /** Seconds; or any text, sent unchanged; or seconds from now as an HTTP date; or no header at all. */
    retryAfter: z
      .union([
        z.number().nonnegative(),
        z.string(),
        z.strictObject({ seconds: z.number(), form: z.literal("date") }),
      ])
      .optional(),
  }),
  z.strictObject({
    kind: z.literal("status"),
    ...aim,
    status: z.int().min(200).max(599),
    body: z.string().optional(),
    contentType: z.string().default("application/json; charset=utf-8"),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  z.strictObject({ kind: z.literal("forbidden"), ...aim }),
  z.strictObject({ kind: z.literal("html"), ...aim }),
  /** Answers normally, but this many milliseconds late. Adds up with other rules. */
  z.strictObject({ kind: z.literal("slow"), ...aim, ms: z.number().nonnegative() }),
  /** A whole HTTP answer whose JSON stops in the middle. */
  z.strictObject({ kind: z.literal("cut_json"), ...aim }),
  z.strictObject({ kind: z.literal("reset"), ...aim, when: moment }),
  /** Never answers; ends when the simulator closes. */
  z.strictObject({ kind: z.literal("hang"), ...aim, when: moment }),
  /** Returns the page that ends with the cursor's own record, always with more to come. */
  z.strictObject({ kind: z.literal("repeat_cursor"), ...aim }),
  z.strictObject({ kind: z.literal("empty_with_more"), ...aim }),
  z.strictObject({ kind: z.literal("empty_list"), ...aim }),
  /** Ends the list silently after this share of its records. */
  z.strictObject({ kind: z.literal("half_list"), ...aim, share: z.number().min(0).max(1).default(0.5) }),
  /** The page's records have no id, and there is more to come. */
  z.strictObject({ kind: z.literal("no_ids"), ...aim }),
]);

export type FaultRule = z.input<typeof faultRuleSchema>;
export type Fault = z.output<typeof faultRuleSchema>;
export type FaultKind = Fault["kind"];

/** Kinds that only make sense on a list; they leave single records alone. */
const LIST_KINDS: ReadonlySet<FaultKind> = new Set([
  "repeat_cursor",
  "empty_with_more",
  "empty_list",
  "half_list",
  "no_ids",
]);

export interface FaultHandle {
  /** How often the rule has applied. */
  readonly hits: number;
  remove(): void;
}

export type PageHook = (account: Account) => void;

interface ActiveRule {
  fault: Fault;
  seen: number;
  hits: number;
}

interface ActiveHook {
  resource: Resource;
  n: number;
  pages: number;
  run: PageHook;
}

/** What the rules do to one request. */
export interface Strike {
  fault: Fault | null;
  delayMs: number;
}

/** The rules by which the simulator misbehaves, and the hooks that change the account between two pages. */
export class Faults {
  private rules: ActiveRule[] = [];
  private hooks: ActiveHook[] = [];
  private random: Random;

  constructor(private readonly seed: number) {
    this.random = new Random(seed, "faults");
  }

  /**
   * Checks the rules in the order in which they were added; the first that applies decides.
   * @throws on a malformed rule.
   */
  add(rule: FaultRule): FaultHandle {
    const active: ActiveRule = { fault: faultRuleSchema.parse(rule), seen: 0, hits: 0 };
    this.rules.push(active);
    return {
      get hits() {
        return active.hits;
      },
      remove: () => {
        this.rules = this.rules.filter((other) => other !== active);
      },
    };
  }

  /**
   * Runs the hook once the n-th list page of the resource (counted from now, starting at 1) is built, just before it is
   * sent: the next request meets the changed account. With 0, after every page. Returns a function that removes the
   * hook.
   */
  afterPage(resource: Resource, n: number, run: PageHook): () => void {
    const hook: ActiveHook = { resource, n, pages: 0, run };
    this.hooks.push(hook);
    return () => {
      this.hooks = this.hooks.filter((other) => other !== hook);
    };
  }

  /** Removes all rules and hooks, and restarts the seeded chances. */
  clear(): void {
    this.rules = [];
    this.hooks = [];
    this.random = new Random(this.seed, "faults");
  }

  draw(resource: Resource | null, target: "list" | "item"): Strike {
    let fault: Fault | null = null;
    let delayMs = 0;
    for (const rule of this.rules) {
      const { fault: candidate } = rule;
      if (candidate.resource !== "any" && candidate.resource !== resource) continue;
      if (candidate.target !== "any" && candidate.target !== target) continue;
      if (target === "item" && LIST_KINDS.has(candidate.kind)) continue;
      if (candidate.kind !== "slow" && fault) continue;
      rule.seen += 1;
      if (rule.seen <= candidate.afterRequests || rule.hits >= candidate.times) continue;
      if (candidate.probability < 1 && !this.random.chance(candidate.probability)) continue;
      rule.hits += 1;
      if (candidate.kind === "slow") delayMs += candidate.ms;
      else fault = candidate;
    }
    return { fault, delayMs };
  }

  pageBuilt(resource: Resource, account: Account): void {
    for (const hook of [...this.hooks]) {
      if (hook.resource !== resource) continue;
      hook.pages += 1;
      if (hook.n === 0 || hook.pages === hook.n) hook.run(account);
    }
  }
}
