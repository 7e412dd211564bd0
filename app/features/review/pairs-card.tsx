import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { ButtonLink } from "~/ui/button";
import { Card, CardHeader } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";

import { MachineFacts } from "./machine-facts";
import type { ShownPair } from "./merge.page.server";

interface PairsCardProps {
  pairs: SerializeFrom<ShownPair>[];
  /** The address that the forms are sent to; undefined for a person who may only read. */
  action: string | undefined;
}

/** Pairs of assets that may be one machine, enrolled again while its old record is still listed. */
export const PairsCard = ({ pairs, action }: PairsCardProps) => (
  <Card className="mb-5">
    <CardHeader
      title="One machine, or two?"
      description="Each pair looks like one machine that was set up again: the old record has not been seen since the new one appeared. They become one asset when Level drops the old record, or when you merge them."
    />
    <ul>
      {pairs.map(({ id, former, current }) => (
        <li key={id} className="border-t border-line px-4 py-4">
          <div className="grid gap-4 sm:grid-cols-2">
            {[
              { asset: former, title: "Old record" },
              { asset: current, title: "New record" },
            ].map(({ asset, title }) => (
              <section key={asset.assetId} className="min-w-0 rounded-md border border-line p-3">
                <p className="text-xs text-ink-faint">{title}</p>
                <h3 className="mb-2 truncate text-sm font-medium">
                  <Link to={`/assets/${asset.assetId}`} className="hover:underline">
                    {asset.name}
                  </Link>
                </h3>
                <MachineFacts asset={asset} />
              </section>
            ))}
          </div>
          {action !== undefined && (
            <div className="mt-3 flex flex-wrap gap-2">
              <ButtonLink to={`/assets/${former.assetId}/merge?with=${current.assetId}`} size="sm">
                Merge…
                <span className="sr-only">
                  {" "}
                  {former.name} and {current.name}
                </span>
              </ButtonLink>
              <PostForm action={action} intent="apart" preventScrollReset>
                <input type="hidden" name="pair" value={id} />
                <SubmitButton variant="secondary" size="sm" busy={false}>
                  Two machines<span className="sr-only">: {former.name}</span>
                </SubmitButton>
              </PostForm>
            </div>
          )}
        </li>
      ))}
    </ul>
  </Card>
);
