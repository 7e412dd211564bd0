import { setTimeout as sleep } from "node:timers/promises";

import type { Inngest, InngestFunction } from "inngest";

/** A promise of durable functions, with functions that demonstrate it. */
export interface Spec {
  /** The promise, as a sentence. */
  title: string;
  /** The functions of the spec, made for one world. */
  functions(world: World): InngestFunction.Any[];
  check(world: World): Promise<void>;
  /** Why only the embedded runner is checked, if a server is not. */
  embeddedOnly?: string;
}

export interface WorldOptions {
  client: Inngest;
  /** A name unique to the world, because all worlds of a target share its client and its runner. */
  name: string;
  /** A cron expression whose next instant is near: every second, or every minute where seconds are not supported. */
  soon: string;
  /** Milliseconds that something may take here. */
  patienceMs: number;
  /** Milliseconds to wait before concluding that nothing more happens. */
  quietMs: number;
}

/** What the functions and the check of a spec share: a client, and a journal of what happened in order. */
export class World {
  readonly notes: string[] = [];
  readonly client: Inngest;
  readonly soon: string;

  constructor(private readonly options: WorldOptions) {
    this.client = options.client;
    this.soon = options.soon;
  }

  /** The id of a function in this world. */
  id(name: string): string {
    return `${this.options.name}-${name}`;
  }

  /** The name of an event in this world. */
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

  /** @throws with the journal if the word does not appear in time */
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

  /** Waits long enough for anything still on its way to happen. */
  async quiet(): Promise<void> {
    await sleep(this.options.quietMs);
  }
}
