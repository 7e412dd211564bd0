import { Random } from "../random";
import { levelId, type LevelAlert } from "../records";

const MINUTE = 60_000;

const MONITORS: readonly { name: string; description: string; payload: string | null }[] = [
  { name: "Low disk space (C:)", description: "Disk free space <15% for 10 minutes", payload: null },
  {
    name: "CPU sustained",
    description: "CPU usage >90.0% for 15 minutes",
    payload: '{"top_processes":[{"name":"restic","cpu":81.2},{"name":"MsMpEng.exe","cpu":9.4}]}',
  },
  {
    name: "Memory pressure",
    description: "Memory usage >95.0% for 10 minutes",
    payload: '{"top_processes":[{"name":"chrome.exe","memory":6442450944}]}',
  },
  { name: "Device offline", description: "Device has been offline for 30 minutes", payload: null },
  {
    name: "Event log: disk",
    description: 'Event log "System" source "disk" id 7',
    payload: "The device, \\Device\\Harddisk1\\DR1, has a bad block.\r\nEvent ID: 7\tLevel: Error",
  },
  {
    name: "Backup script",
    description: "Script exited with code 2",
    payload: "repository is already locked by PID 4172 on hld-backup01 by Sørën\n<script>alert(1)</script>",
  },
  { name: "", description: "", payload: "" },
];
const SEVERITIES = { information: 15, warning: 45, critical: 30, emergency: 10 } as const;

/** Alerts, oldest first. */
export class AlertMaker {
  private readonly random: Random;
  private number = 9118046;

  constructor(
    seed: number,
    private readonly baseTime: number,
  ) {
    this.random = new Random(seed, "alerts");
  }

  /** `total` alerts over the last 60 days, about two in five active; one in a hundred is of a deleted device. */
  *forDevices(devices: readonly { id: string; hostname: string }[], total: number): Generator<LevelAlert> {
    if (devices.length === 0) return;
    const span = 60 * 24 * 60;
    for (let index = 0; index < total; index += 1) {
      const device = this.random.chance(0.01)
        ? { id: levelId("Device", this.random.int(200_000, 299_999)), hostname: "GONE-01" }
        : this.random.pick(devices);
      const minutesAgo = span - (span * index) / total;
      yield this.make(device, this.baseTime - Math.floor(minutesAgo * MINUTE), this.random.chance(0.6));
    }
  }

  make(device: { id: string; hostname: string }, startedAt: number, resolved: boolean): LevelAlert {
    const { random } = this;
    this.number += random.int(1, 4);
    const monitor = random.pick(MONITORS);
    const lasted = random.int(5, 2000) * MINUTE;
    return {
      id: levelId("Alert", this.number),
      device_id: device.id,
      device_hostname: device.hostname,
      name: monitor.name,
      description: monitor.description,
      payload: monitor.payload,
      severity: random.weighted(SEVERITIES),
      is_resolved: resolved,
      started_at: new Date(startedAt).toISOString(),
      resolved_at: resolved ? new Date(Math.min(this.baseTime, startedAt + lasted)).toISOString() : null,
    };
  }
}
