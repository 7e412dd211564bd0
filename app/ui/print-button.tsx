import { Printer } from "lucide-react";

import { Button } from "./button";
import { useHydrated } from "./hydrated";

/**
 * Prints the page without the parts that are not for paper. Hidden without scripts, which it needs; the browser's menu
 * prints too.
 */
export const PrintButton = () =>
  useHydrated() ? (
    <Button onClick={() => window.print()}>
      <Printer aria-hidden />
      Print
    </Button>
  ) : null;
