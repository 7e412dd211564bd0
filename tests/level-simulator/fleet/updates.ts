import { LABEL, Random } from "../random";
import { levelId, type LevelDevice, type LevelUpdate } from "../records";

const DAY = 24 * 3600 * 1000;
const CATEGORIES = {
  "Security Updates": 45,
  "": 25,
  Updates: 12,
  Drivers: 10,
  "Feature Packs": 4,
  "Definition Updates": 4,
} as const;
const ERRORS = ["0x800f0922", "0x80070643", "Download failed", "0x80240034"] as const;

/** Of a month and a category: Microsoft releases one update for all machines. */
const kbOf = (published: Date, category: keyof typeof CATEGORIES): string =>
  String(5_040_000 + published.getUTCMonth() * 1000 + Object.keys(CATEGORIES).indexOf(category) * 137);

/** Operating system updates, device by device. An unreported device has none. */
export class UpdateMaker {
  private readonly random: Random;
  private number = 55210934;

  constructor(
    seed: number,
    private readonly perDevice: number,
    private readonly baseTime: number,
  ) {
    this.random = new Random(seed, "updates");
  }

  /** On average `perDevice` available ones, and half as many installed. */
  forDevice(device: LevelDevice): LevelUpdate[] {
    if (device.platform === null) return [];
    const available = this.count(this.perDevice);
    const installed = this.count(this.perDevice / 2);
    const names = new Set<string>();
    return Array.from({ length: available + installed }, (_, index) => {
      let update = this.make(device, index < available);
      // A machine is offered an update once; a test may want more updates for one machine than there are.
      for (let tries = 0; names.has(update.name) && tries < 5; tries++)
        update = this.make(device, index < available);
      names.add(update.name);
      return update;
    });
  }

  make(device: Pick<LevelDevice, "id" | "hostname" | "platform">, available: boolean): LevelUpdate {
    const { random } = this;
    this.number += random.int(1, 5);
    const windows = device.platform === "Windows";
    const published = this.baseTime - random.int(1, 300) * DAY;
    const category = random.weighted(CATEGORIES);
    const kb = windows && random.chance(0.85) ? kbOf(new Date(published), category) : null;
    const version = windows ? "" : `${random.int(1, 26)}.${random.int(0, 9)}`;
    return {
      id: levelId("Update", this.number),
      device_id: device.id,
      device_hostname: device.hostname,
      name: windows
        ? `${new Date(published).toISOString().slice(0, 7)} ${category || "Cumulative Update"} for Windows${kb ? ` (KB${kb})` : ""}`
        : device.platform === "Mac"
          ? `macOS ${version}`
          : `lib${random.text(4, LABEL.toLowerCase())} ${version}-${random.int(1, 9)}`,
      description: random.chance(0.3) ? "" : "Installs the latest quality improvements.",
      category,
      version,
      size: random.chance(0.15) ? null : random.int(1, 4_000_000) * 1024,
      kb_ids: kb ? [random.chance(0.2) ? `KB${kb}` : kb] : [],
      is_available: available,
      error: available && random.chance(0.04) ? random.pick(ERRORS) : null,
      published_on: this.date(published),
      installed_on: available
        ? null
        : this.date(Math.min(this.baseTime, published + random.int(1, 20) * DAY)),
    };
  }

  /** Between none and twice the average, so that some machines are clean and some far behind. */
  private count(average: number): number {
    return Math.floor(this.random.next() * (2 * average + 1));
  }

  /** The form is undocumented: a moment, sometimes a bare date, sometimes nothing. */
  private date(time: number): string | null {
    const text = new Date(time).toISOString();
    if (this.random.chance(0.05)) return null;
    return this.random.chance(0.1) ? text.slice(0, 10) : text;
  }
}
