import { useEffect, useState } from "react";

import { isInFlight } from "../words";
import type { Run } from "./run-figures";

interface Told {
  run: Run;
  /** The server's time, in ms. */
  now: number;
}

export interface RunFeed {
  /** What was told of each run, by its id. */
  told: Readonly<Record<string, Told>>;
  /** Whether it is told by itself now; while it is not, ask. */
  isFlowing: boolean;
}

/**
 * Hears how runs under way stand, as they change. Only while the page is in view: a browser keeps few connections to
 * one server, and those of pages behind would be missing.
 */
export function useRunFeed(runIds: string[]): RunFeed {
  const [told, setTold] = useState<Record<string, Told>>({});
  const [isFlowing, setFlowing] = useState(false);
  const key = runIds.join();

  useEffect(() => {
    if (key === "" || typeof EventSource === "undefined") return;
    let sources: EventSource[] = [];
    const close = () => {
      for (const source of sources) source.close();
      sources = [];
      setFlowing(false);
    };
    const open = () => {
      sources = key.split(",").map((id) => {
        const source = new EventSource(`/runs/${id}/events`);
        source.addEventListener("run", (event: MessageEvent<string>) => {
          const news = JSON.parse(event.data) as Told;
          setTold((before) => ({ ...before, [id]: news }));
          setFlowing(true);
          if (!isInFlight(news.run.status)) source.close();
        });
        // It connects anew by itself; until it speaks again, the page asks.
        source.onerror = () => setFlowing(false);
        return source;
      });
    };
    const onVisibility = () => {
      close();
      if (document.visibilityState === "visible") open();
    };
    onVisibility();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      close();
    };
  }, [key]);

  return { told, isFlowing };
}
