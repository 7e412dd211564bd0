import { setTimeout as sleep } from "node:timers/promises";

import type { Inngest, InngestFunction } from "inngest";

/** One thing that durable functions promise, with functions that show it. */
export interface Spec {
  /** A sentence: what holds. */
  title: string;
  /** Its own functions, made for one world. */
  functions(world: World): InngestFunction.Any[];
  check(world: World): Promise<void>;
  /** Where the embedded runner keeps the promise and a server is not asked about it, and why. */
  embeddedOnly?: string;
}

export interface WorldOptions {
  client: Inngest;
  /** Unique to the world: all worlds of a target share its client and its runner. */
  name: string;
  /** A cron expression whose next instant is near: each second, or where that is not possible each minute. */
  soon: string;
  /** How long things may take here. */
  patienceMs: number;
  /** How long to wait before concluding that nothing more happens. */
  quietMs: number;
}

/** What a spec's functions and its check share: a client, and a journal of what happened in which order. */
export class World {
  readonly notes: string[] = [];
  readonly client: Inngest;
  readonly soon: string;

  constructor(private readonly options: WorldOptions) {
    this.client = options.client;
    this.soon = options.soon;
  }

  /** The id of a function of this world alone. */
  id(name: string): string {
    return `${this.options.name}-${name}`;
  }

  /** The name of an event of this world alone. */
  event(name: string): string {
    return `${this.options.name}/${name}`;
  }

  async send(name: string, data: Record<string, unknown> = {}, id?: string): Promise<void> {
    await this.client.send({ name: this.event(name), data, ...(id === undefined ? {} : { id }) });
  }

  note(word: string): void {
    this.notes.push(word);
  }

  count(word: string): number {
    return this.notes.filter((note) => note === word).length;
  }

  /** @throws with the journal when the word is not noted in time */
  async until(word: string, times = 1): Promise<void> {
    const deadline = performance.now() + this.options.patienceMs;
    while (this.count(word) < times) {
      if (performance.now() > deadline)
        throw new Error(
          `No "${word}" (${times}x) after ${this.options.patienceMs} ms: ${this.notes.join(" | ")}`,
        );
      await sleep(15);
    }
  }

  /** Long enough for whatever is still on its way to happen. */
  async quiet(): Promise<void> {
    await sleep(this.options.quietMs);
  }
}
