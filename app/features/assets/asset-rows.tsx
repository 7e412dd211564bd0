import { useTicks } from "~/ui/ticks";

import { AssetBulkBar, ASSETS_FORM, type AssetBulkBarProps } from "./asset-bulk";
import { AssetTable, type AssetTableProps } from "./asset-table";

export interface AssetRowsProps extends Pick<AssetBulkBarProps, "total" | "clients"> {
  rows: AssetTableProps["assets"];
  columns: AssetTableProps["columns"];
  customColumns: AssetTableProps["customColumns"];
  customValues: AssetTableProps["customValues"];
  order: Pick<AssetTableProps, "sort" | "isReversed">;
  mayChange: boolean;
}

/** A page of assets with their ticks, which stay when the page changes. */
export function AssetRows({ rows, order, total, clients, mayChange, ...shown }: AssetRowsProps) {
  const { columns, customColumns, customValues } = shown;
  const table = { assets: rows, columns, customColumns, customValues, ...order };
  const ticks = useTicks(
    rows.map(({ id }) => id),
    ASSETS_FORM,
  );
  if (!mayChange) return <AssetTable {...table} />;
  return (
    <>
      <AssetBulkBar ticks={ticks} total={total} clients={clients} />
      <AssetTable {...table} ticks={ticks} />
    </>
  );
}
