import { redirect, type SerializeFrom } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useLocation, useNavigation } from "@remix-run/react";
import { MonitorCheck, RefreshCw, SearchX } from "lucide-react";

import { skipReasons } from "@domain/device-plan";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, notFound } from "~/auth/guard.server";
import { knowsDevice } from "~/features/connections/connection-settings.server";
import { connectionOf, noSuchConnection } from "~/features/connections/context.server";
import { deviceSyncForm } from "~/features/connections/forms.server";
import { levelPath } from "~/features/connections/paths";
import { refusalIn } from "~/features/connections/refusal";
import {
  readUnassignedDevices,
  unassignedSearch,
} from "~/features/connections/unassigned-devices.page.server";
import { startSync as requestSync } from "~/features/sync-execution/start-sync.server";
import { parseForm, problem, refused } from "~/platform/http/form.server";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { Choice, FilterForm } from "~/ui/filter-form";
import { PostForm } from "~/ui/form";
import { ListPages } from "~/ui/list-pages";
import { skipReasonLabels } from "~/ui/skip-reasons";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { app, url, user, tenantId } = context;
    const { ref } = await connectionOf(context, "levelio");
    const { filter, values } = unassignedSearch(url.searchParams);
    return {
      ...(await readUnassignedDevices(app.db, tenantId, ref.connectionId, filter, url.searchParams)),
      connectionId: ref.connectionId,
      values,
      mayRefresh: allows(user.role, "devices:refresh"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  "sync-device": {
    permission: "devices:refresh",
    provider: "levelio",
    run: async (context) => {
      const { ref, actor } = await connectionOf(context, "levelio");
      const parsed = parseForm(deviceSyncForm, context.form);
      if (!parsed.ok || !(await knowsDevice(context.app.sync, ref, parsed.data.externalDeviceId)))
        throw notFound("This device is not known here.");
      const outcome = await requestSync(context.app.sync, {
        ...ref,
        type: "device",
        trigger: "manual",
        actor: actor.name,
        person: actor,
        externalDeviceId: parsed.data.externalDeviceId,
      });
      switch (outcome.state) {
        case "queued":
        case "joined":
          return redirect(`/runs/${outcome.run.id}`, 303);
        case "unknown_integration":
          throw noSuchConnection();
        case "disconnected":
          return refused(problem(context.form, { form: "This account is disconnected." }), 409);
      }
    },
  },
});

export default function UnassignedDevicesPage() {
  const { rows, total, values, connectionId, mayRefresh, ...pages } = useLoaderData<typeof loader>();
  const refusal = refusalIn(useActionData<typeof action>());
  const { search } = useLocation();
  const isFiltered = values.q !== "" || values.state !== "";
  return (
    <>
      {refusal?.errors.form !== undefined && (
        <Callout tone="bad" alert className="mb-4">
          {refusal.errors.form}
        </Callout>
      )}
      <Card>
        <FilterForm text={values.q} placeholder="Device or group">
          <Choice
            label="Why"
            name="state"
            value={values.state}
            options={[
              ["", "All without a client"],
              ...skipReasons.map((reason) => [reason, skipReasonLabels[reason].text] as const),
            ]}
          />
        </FilterForm>
        {rows.length > 0 ? (
          <Table label="Devices without a client">
            <thead>
              <tr>
                <Th>Device</Th>
                <Th>Why</Th>
                <Th className="hidden md:table-cell">Group</Th>
                <Th className="hidden sm:table-cell">Last seen</Th>
                <Th>
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((device) => (
                <DeviceRow
                  key={device.externalId}
                  device={device}
                  connectionId={connectionId}
                  mayRefresh={mayRefresh}
                />
              ))}
            </tbody>
          </Table>
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="No device matches these filters" />
        ) : (
          <EmptyState icon={MonitorCheck} title="No device is without a client">
            Devices that are in no group, in a group that is not mapped, in an excluded one, or that may be an
            asset which is there are listed here after a sync, so that none is overlooked.
          </EmptyState>
        )}
        {total > 0 && (
          <p className="border-t border-line px-2 py-2 text-right">
            <DownloadLink href={`${levelPath(connectionId, "devices")}.csv${search}`} />
          </p>
        )}
        {total > 0 && <ListPages {...pages} shown={rows.length} total={total} noun="device" />}
      </Card>
    </>
  );
}

interface DeviceRowProps {
  device: SerializeFrom<typeof loader>["rows"][number];
  connectionId: string;
  mayRefresh: boolean;
}

function DeviceRow({ device, connectionId, mayRefresh }: DeviceRowProps) {
  const navigation = useNavigation();
  const { text, tone } = skipReasonLabels[device.reason];
  return (
    <Tr>
      <Td className="max-w-36 truncate font-medium sm:max-w-64" title={device.name}>
        {device.name}
      </Td>
      <Td>
        <Badge tone={tone}>{text}</Badge>
      </Td>
      <Td className="hidden max-w-80 truncate md:table-cell" title={device.groupPath ?? undefined}>
        {device.groupPath === null ? (
          <span className="text-ink-faint">none</span>
        ) : (
          <Link
            to={`${levelPath(connectionId, "mapping")}?q=${encodeURIComponent(device.groupPath)}`}
            className="text-ink-muted hover:underline"
          >
            {device.groupPath}
          </Link>
        )}
      </Td>
      <Td className="hidden sm:table-cell">
        <RelativeTime at={device.lastSeenMs === null ? null : new Date(device.lastSeenMs)} />
      </Td>
      <Td className="text-right">
        {mayRefresh && (
          <PostForm intent="sync-device">
            <input type="hidden" name="externalDeviceId" value={device.externalId} />
            <Button
              type="submit"
              size="sm"
              busy={navigation.formData?.get("externalDeviceId") === device.externalId}
              aria-label={`Refresh ${device.name} from Level`}
            >
              <RefreshCw aria-hidden />
              <span className="hidden sm:inline">Refresh</span>
            </Button>
          </PostForm>
        )}
      </Td>
    </Tr>
  );
}
