import { Unplug } from "lucide-react";
import { useEffect } from "react";

import { isServed, useIsConnectionLost } from "./connection";
import { lookInView } from "./look-in-view";

const RETRY_MS = 2000;

/** Says that the page may be outdated, and repeats the request until the server answers. */
export function ConnectionNotice() {
  const isLost = useIsConnectionLost();
  useEffect(() => {
    if (isLost) return lookInView(RETRY_MS, async () => void (await isServed())).stop;
  }, [isLost]);
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 top-2 z-60 flex justify-center print:hidden"
    >
      {isLost && (
        <p className="flex animate-enter items-center gap-2 rounded-lg border border-warn/25 bg-warn-soft px-3.5 py-2 text-sm font-medium shadow-pop">
          <Unplug aria-hidden className="size-4 shrink-0 text-warn" />
          Connection lost, retrying
        </p>
      )}
    </div>
  );
}
