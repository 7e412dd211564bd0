/** A record as it is kept: its JSON text, and the few values lists are filtered by. */
export interface Entry<K> {
  id: string;
  /** Place in the list order; grows along the list. */
  slot: number;
  /** The whole JSON text without the optional blocks. */
  bare: string;
  /** The optional blocks as `,"name":…` members; empty when there are none. */
  blocks: string;
  keys: K;
}

export interface PageQuery<K> {
  limit: number;
  after?: string | null;
  before?: string | null;
  match?: ((keys: K) => boolean) | null;
  /** Only records under this index value. */
  within?: string | null;
  /** Pretends the list ends after this share of its records. */
  share?: number | null;
}

export interface Page<K> {
  entries: Entry<K>[];
  hasMore: boolean;
}

export interface TableOptions<T, K, V> {
  /** Returns the values that lists filter by; must accept any JSON value. */
  keysOf(record: Record<string, unknown>): K;
  /** The one key with an index. */
  indexBy(keys: K): string | null;
  /** Members that are answered only when asked for. */
  blocks?: readonly string[];
  /** Adds the members that are computed when the record is read. */
  view?(record: T): V;
}

function whole({ bare, blocks }: Entry<unknown>): string {
  return blocks === "" ? bare : `${bare.slice(0, -1)}${blocks}}`;
}

function parse<T>(entry: Entry<unknown>): T {
  return JSON.parse(whole(entry)) as T;
}

/**
 * Records in a stable order with a lookup by id, kept as JSON text: a page is a join of strings, and nobody can
 * change a record behind the text's back, because reading one parses a fresh copy. A removed record leaves an empty
 * slot, so removing costs the same at any size and the cursors of the others stay good.
 */
export class RecordTable<T extends object, K, V extends object = T> implements Iterable<V> {
  private slots: (Entry<K> | undefined)[] = [];
  private readonly entries = new Map<string, Entry<K>>();
  private readonly index = new Map<string | null, Set<Entry<K>>>();

  constructor(private readonly options: TableOptions<T, K, V>) {}

  get size(): number {
    return this.entries.size;
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  /** A copy of the record with all its blocks, as the API answers it, or undefined. */
  get(id: string): V | undefined {
    const entry = this.entries.get(id);
    return entry && this.read(entry);
  }

  /** A copy of the record as it was put, without what `view` adds. */
  stored(id: string): T {
    const entry = this.entries.get(id);
    if (!entry) throw new Error(`no record ${id}`);
    return parse<T>(entry);
  }

  /** @throws when there is no such record. */
  require(id: string): V {
    const record = this.get(id);
    if (record === undefined) throw new Error(`no record ${id}`);
    return record;
  }

  /** The ids in list order. */
  ids(): string[] {
    return [...this.inOrder()].map((entry) => entry.id);
  }

  /** Ids under one value of the index, in list order. */
  idsWithin(value: string | null): string[] {
    return this.sortedWithin(value).map((entry) => entry.id);
  }

  countWithin(value: string | null): number {
    return this.index.get(value)?.size ?? 0;
  }

  *[Symbol.iterator](): Iterator<V> {
    for (const entry of this.inOrder()) yield this.read(entry);
  }

  /** The values lists are filtered by, without parsing the records. */
  *keys(): Generator<K> {
    for (const entry of this.inOrder()) yield entry.keys;
  }

  /**
   * Stores a record under its own id, at the end of the list, or in the place of the one `replacing` names. A record
   * without a usable id keeps the id it is stored under, so that it can be found and mended.
   */
  put(record: T, replacing?: string): void {
    const fields = record as Record<string, unknown>;
    const id = this.idOf(fields) ?? replacing;
    if (id === undefined) throw new Error("a new record needs an id");
    const { bare, blocks } = this.textOf(fields);
    this.store(id, replacing ?? id, { bare, blocks, keys: this.options.keysOf(fields) });
  }

  /** The id a list shows for the record, if it shows one. */
  idOf({ id }: Record<string, unknown>): string | undefined {
    return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
  }

  /** Puts any JSON value where the record stood: null, a number, a list. */
  putValue(id: string, value: unknown): void {
    this.store(id, id, { bare: JSON.stringify(value ?? null), blocks: "", keys: this.options.keysOf({}) });
  }

  /** @throws when there is no such record. */
  delete(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) throw new Error(`no record ${id}`);
    this.entries.delete(id);
    this.unindex(entry);
    this.slots[entry.slot] = undefined;
    if (this.slots.length > 1024 && this.entries.size < this.slots.length / 2) this.compact();
  }

  /** Moves a record to the end of the list: a walk that has passed it meets it again. */
  requeue(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) throw new Error(`no record ${id}`);
    this.slots[entry.slot] = undefined;
    entry.slot = this.slots.push(entry) - 1;
  }

  clear(): void {
    this.slots = [];
    this.entries.clear();
    this.index.clear();
  }

  /** The records after or before a cursor, in list order; undefined when the cursor is not in the list. */
  page(query: PageQuery<K>): Page<K> | undefined {
    const cursor = query.after ?? query.before;
    const mark = cursor == null ? undefined : this.entries.get(cursor);
    if (cursor != null && !mark) return undefined;

    const pool = query.within == null ? this.slots : this.sortedWithin(query.within);
    const backwards = query.after == null && query.before != null;
    const step = backwards ? -1 : 1;
    const end = query.share == null ? Infinity : this.slotAtShare(query.share);
    let at = backwards ? pool.length - 1 : 0;
    if (mark) {
      if (query.within == null) at = mark.slot + step;
      else while (pool[at] && step * ((pool[at]?.slot ?? 0) - mark.slot) <= 0) at += step;
    }

    const entries: Entry<K>[] = [];
    let hasMore = false;
    for (; at >= 0 && at < pool.length; at += step) {
      const entry = pool[at];
      if (!entry || entry.slot >= end || (query.match && !query.match(entry.keys))) continue;
      if (entries.length === query.limit) {
        hasMore = true;
        break;
      }
      entries.push(entry);
    }
    return { entries: backwards ? entries.reverse() : entries, hasMore };
  }

  entry(id: string): Entry<K> | undefined {
    return this.entries.get(id);
  }

  /** The JSON text of a record with all blocks, none, or those named. */
  text(entry: Entry<K>, blocks: "all" | "none" | ReadonlySet<string>): string {
    if (this.options.view) return JSON.stringify(this.read(entry));
    if (entry.blocks === "" || blocks === "none") return entry.bare;
    if (blocks === "all") return whole(entry);
    const record = parse<Record<string, unknown>>(entry);
    for (const block of this.options.blocks ?? []) if (!blocks.has(block)) delete record[block];
    return JSON.stringify(record);
  }

  private *inOrder(): Generator<Entry<K>> {
    for (const entry of this.slots) if (entry) yield entry;
  }

  private read(entry: Entry<K>): V {
    const { view } = this.options;
    return view ? view(parse<T>(entry)) : parse<V>(entry);
  }

  private textOf(record: Record<string, unknown>): Pick<Entry<K>, "bare" | "blocks"> {
    const names = this.options.blocks;
    if (!names) return { bare: JSON.stringify(record), blocks: "" };
    const base: Record<string, unknown> = {};
    const extra: Record<string, unknown> = {};
    for (const key in record) (names.includes(key) ? extra : base)[key] = record[key];
    const blocks = JSON.stringify(extra);
    return { bare: JSON.stringify(base), blocks: blocks === "{}" ? "" : `,${blocks.slice(1, -1)}` };
  }

  private store(id: string, previousId: string, content: Omit<Entry<K>, "id" | "slot">): void {
    const previous = this.entries.get(previousId);
    if (id !== previousId && this.entries.has(id)) throw new Error(`there is already a record ${id}`);
    if (previous) {
      this.entries.delete(previousId);
      this.unindex(previous);
    }
    const entry: Entry<K> = { id, slot: previous?.slot ?? this.slots.length, ...content };
    this.slots[entry.slot] = entry;
    this.entries.set(id, entry);
    const value = this.options.indexBy(entry.keys);
    const peers = this.index.get(value);
    if (peers) peers.add(entry);
    else this.index.set(value, new Set([entry]));
  }

  private unindex(entry: Entry<K>): void {
    this.index.get(this.options.indexBy(entry.keys))?.delete(entry);
  }

  private compact(): void {
    this.slots = [...this.inOrder()];
    this.slots.forEach((entry, slot) => entry && (entry.slot = slot));
  }

  private sortedWithin(value: string | null): Entry<K>[] {
    return [...(this.index.get(value) ?? [])].sort((left, right) => left.slot - right.slot);
  }

  /** The slot where the first `share` of the records ends. */
  private slotAtShare(share: number): number {
    let left = Math.floor(this.entries.size * share);
    for (const entry of this.inOrder()) if (left-- <= 0) return entry.slot;
    return Infinity;
  }
}
