/** An asset that moves from one client to another; null means no client. */
export interface AssetMove {
  assetId: string;
  name: string;
  fromClientId: string | null;
  toClientId: string | null;
}

export interface MoveGroup {
  /** Null: no client. */
  fromClientId: string | null;
  toClientId: string | null;
  devices: number;
}

/** Devices summed by their former and their next client. */
export class ClientMoves {
  readonly #sums = new Map<string, MoveGroup>();

  add(fromClientId: string | null, toClientId: string | null, devices: number): void {
    const key = `${fromClientId}>${toClientId}`;
    const before = this.#sums.get(key)?.devices ?? 0;
    this.#sums.set(key, { fromClientId, toClientId, devices: before + devices });
  }

  list(): MoveGroup[] {
    return [...this.#sums.values()].filter(({ devices }) => devices > 0);
  }

  total(): number {
    return this.list().reduce((sum, { devices }) => sum + devices, 0);
  }
}
