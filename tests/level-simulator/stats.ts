import type { FaultKind } from "./faults";
import type { Resource } from "./records";

const LOG_LENGTH = 1000;

export interface LoggedRequest {
  method: string;
  /** Path and query as received. */
  url: string;
  /** 0 when the connection was cut or left hanging. */
  status: number;
}

/** What the simulator has been asked and has answered since it started or was reset. */
export class Stats {
  requests = 0;
  /** Requests per resource; other paths are under "other". */
  byResource: Partial<Record<Resource | "other", number>> = {};
  byStatus: Record<number, number> = {};
  byFault: Partial<Record<FaultKind, number>> = {};
  /** List pages answered with 200. */
  pages = 0;
  /** Records in those pages. */
  records = 0;
  rateLimited = 0;
  /** Requests with a method other than GET. */
  writes = 0;
  /** Body bytes of complete answers. */
  bytes = 0;
  inFlight = 0;
  maxInFlight = 0;
  /** Query parameters Level does not know, with how often they came. */
  unknownParams: Record<string, number> = {};
  /** The last thousand requests, oldest first. */
  log: LoggedRequest[] = [];

  reset(): void {
    const { inFlight } = this;
    Object.assign(this, new Stats());
    this.inFlight = inFlight;
  }

  started(method: string, url: string, resource: Resource | null): LoggedRequest {
    this.requests += 1;
    const name = resource ?? "other";
    this.byResource[name] = (this.byResource[name] ?? 0) + 1;
    if (method !== "GET") this.writes += 1;
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    const logged = { method, url, status: 0 };
    this.log.push(logged);
    if (this.log.length > LOG_LENGTH) this.log.shift();
    return logged;
  }

  answered(logged: LoggedRequest, status: number, bytes: number): void {
    logged.status = status;
    this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
    if (status === 429) this.rateLimited += 1;
    this.bytes += bytes;
  }

  struck(kind: FaultKind): void {
    this.byFault[kind] = (this.byFault[kind] ?? 0) + 1;
  }
}
