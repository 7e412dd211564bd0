import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";

import { Badge } from "~/ui/badge";
import { severityLabels } from "~/ui/labels";

it("any two severities differ by more than their text", () => {
  const looks = Object.values(severityLabels).map(({ tone }) =>
    renderToStaticMarkup(createElement(Badge, { tone, children: "" })),
  );
  expect(new Set(looks).size).toBe(looks.length);
});
