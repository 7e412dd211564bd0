import { Printer } from "lucide-react";

import { Button } from "./button";
import { useHydrated } from "./hydrated";

/** Prints the page, which leaves out what is not for paper. Only scripts can; without them the browser's menu does. */
export const PrintButton = () =>
  useHydrated() ? (
    <Button onClick={() => window.print()}>
      <Printer aria-hidden />
      Print
    </Button>
  ) : null;
