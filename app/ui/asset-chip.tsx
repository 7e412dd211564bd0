import { Link, useLocation, useSearchParams } from "@remix-run/react";
import { X } from "lucide-react";

import { Badge } from "./badge";

export interface AssetChipProps {
  asset: { id: string; name: string };
  /** What the list is of: "alerts". */
  noun: string;
  /** The address's name for the place in the list, which other rows do not share. */
  place: string;
}

/** In a filter form: says of which asset alone the rows are shown, and takes that back. */
export function AssetChip({ asset, noun, place }: AssetChipProps) {
  const { pathname } = useLocation();
  const [params] = useSearchParams();
  const others = new URLSearchParams(params);
  for (const name of ["asset", place]) others.delete(name);
  return (
    <Badge tone="accent" className="h-8 max-w-full self-end">
      <input type="hidden" name="asset" value={asset.id} />
      <span className="truncate">Asset: {asset.name}</span>
      <Link
        to={`${pathname}?${others}`}
        aria-label={`Show the ${noun} of all assets, not of ${asset.name} alone`}
        className="rounded-full p-0.5 hover:bg-surface"
      >
        <X aria-hidden className="size-3.5" />
      </Link>
    </Badge>
  );
}
