import { Link, useLocation, useSearchParams } from "@remix-run/react";
import { X } from "lucide-react";

import { Badge } from "./badge";

export interface AssetChipProps {
  asset: { id: string; name: string };
  /** The plural of what the list shows: "alerts". */
  noun: string;
  /** The name of the address's parameter for the place in the list, which the list of all assets must not keep. */
  place: string;
}

/** In a filter form: names the asset whose rows alone are shown, with a link that shows the rows of all assets. */
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
