import { useTicks } from "~/ui/bulk-bar";

import { AssetBulkBar, type AssetBulkBarProps } from "./asset-bulk";
import { AssetTable, type AssetTableProps } from "./asset-table";

export interface AssetRowsProps extends Pick<AssetBulkBarProps, "total" | "clients"> {
  rows: AssetTableProps["assets"];
  columns: AssetTableProps["columns"];
  order: Pick<AssetTableProps, "sort" | "isReversed">;
  mayChange: boolean;
}

/** A page of assets, and what is ticked of them: ticks stay from page to page. */
export function AssetRows({ rows, columns, order, total, clients, mayChange }: AssetRowsProps) {
  const ids = rows.map(({ id }) => id);
  const ticks = useTicks(ids);
  if (!mayChange) return <AssetTable assets={rows} columns={columns} {...order} />;
  return (
    <>
      <AssetBulkBar ticks={ticks} shown={ids} total={total} clients={clients} />
      <AssetTable assets={rows} columns={columns} {...order} ticks={ticks} />
    </>
  );
}
