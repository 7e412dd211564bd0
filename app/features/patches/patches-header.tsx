import { Download } from "lucide-react";

import { PatchTrend } from "~/features/device-ledger/count-chart";
import type { LedgerPoint } from "~/features/device-ledger/ledger.page.server";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Field, Select } from "~/ui/field";
import { Button } from "~/ui/button";
import { TabNav } from "~/ui/tab-nav";

/** The tabs of pending updates: by update, and by device. */
export const PatchesTabs = () => (
  <TabNav
    label="Pages about patches"
    tabs={[
      { to: "/patches", label: "By update", end: true },
      { to: "/patches/devices", label: "By device", end: true },
    ]}
  />
);

/**
 * Pending updates day by day. The search, the category and the age do not apply, because they are not counted by day.
 */
export const TrendCard = ({ points }: { points: readonly LedgerPoint[] }) => (
  <Card className="mt-5">
    <CardHeader
      title="Pending updates over time"
      description="At the end of each day of the last 90. The filters for client and type apply."
    />
    <CardBody className="max-w-2xl">
      <PatchTrend title="Pending updates" points={points} />
    </CardBody>
  </Card>
);

/**
 * Offers a file with every update of every device within a quarter.
 * @param filters the filters in the address, which the file uses
 */
export const ReviewCard = ({
  quarters,
  filters,
}: {
  quarters: string[];
  filters: Record<string, string>;
}) => (
  <Card className="mt-5">
    <CardHeader
      title="Quarterly review"
      description="Each update of each device that was pending at some time within the quarter, with when it began and ended, as CSV. The filters for client, category and type apply."
    />
    <CardBody>
      <form action="/patches/review.csv" className="flex flex-wrap items-end gap-2">
        {Object.entries(filters).map(
          ([name, value]) => value !== "" && <input key={name} type="hidden" name={name} value={value} />,
        )}
        <Field label="Quarter" className="w-40">
          <Select name="quarter" defaultValue={quarters[0]}>
            {quarters.map((quarter) => (
              <option key={quarter} value={quarter}>
                {quarter.replace("-", " ")}
              </option>
            ))}
          </Select>
        </Field>
        <Button type="submit">
          <Download aria-hidden />
          Download
        </Button>
      </form>
    </CardBody>
  </Card>
);
