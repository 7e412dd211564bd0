import { HardDrive } from "lucide-react";
import type { ReactNode } from "react";

import { count, formatBytes } from "@domain/format";
import { Badge } from "~/ui/badge";
import { Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Progress } from "~/ui/progress";
import { ExactTime } from "~/ui/time";

import { joined, systemInfoOf, type Detail } from "./asset-detail";

/** The operating system and what the machine is made of. */
export function HardwareCard({ detail }: { detail: Detail }) {
  const { details } = detail;
  const info = systemInfoOf(detail);
  const modules = info.memoryModules ?? [];
  const drives = info.physicalDisks ?? [];
  return (
    <Card>
      <CardHeader title="System and hardware" />
      <CardBody>
        <Facts>
          <Fact name="Operating system">{joined(info.osName ?? details?.osType)}</Fact>
          <Fact name="Version">{details?.osVersion}</Fact>
          <Fact name="End of life">
            {info.osEndOfLife === undefined ? null : info.osEndOfLife ? (
              <Badge tone="warn">Past its end of life</Badge>
            ) : (
              "still supported"
            )}
          </Fact>
          <Fact name="Architecture">{info.architecture}</Fact>
          <Fact name="System installed">
            {info.osInstalledAt !== undefined && <ExactTime at={info.osInstalledAt} />}
          </Fact>
          <Fact name="Maker and model">{joined(info.manufacturer, info.model)}</Fact>
          <Fact name="Serial number">{detail.asset.serialNumber}</Fact>
          <Fact name="Processor">
            {joined(details?.cpuModel, details?.cpuCores && `(${count(details.cpuCores, "core")})`)}
          </Fact>
          <Fact name="Memory">{details?.ramGb ? `${details.ramGb} GB` : null}</Fact>
          <Fact name="Motherboard">{joined(info.motherboardManufacturer, info.motherboardModel)}</Fact>
          <Fact name="BIOS version">{info.biosVersion}</Fact>
        </Facts>
        <Parts name="Memory modules">
          {modules.map((module) =>
            joined(
              module.location,
              module.sizeBytes && formatBytes(module.sizeBytes),
              module.type,
              module.formFactor,
            ),
          )}
        </Parts>
        <Parts name="Drives">
          {drives.map((drive) =>
            joined(
              drive.model,
              drive.sizeBytes && formatBytes(drive.sizeBytes),
              drive.type,
              drive.serialNumber && `serial ${drive.serialNumber}`,
            ),
          )}
        </Parts>
      </CardBody>
    </Card>
  );
}

/** A list below the facts; nothing when it would be empty. */
function Parts({ name, children }: { name: string; children: ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <>
      <h3 className="mt-3 text-xs text-ink-faint">{name}</h3>
      <ul className="text-sm [overflow-wrap:anywhere]">
        {children.map((part, index) => (
          <li key={index}>{part}</li>
        ))}
      </ul>
    </>
  );
}

export function DisksCard({ detail }: { detail: Detail }) {
  const disks = detail.details?.disks ?? [];
  return (
    <Card>
      <CardHeader title="Disks" />
      {disks.length === 0 ? (
        <EmptyState icon={HardDrive} title="No disks are known" />
      ) : (
        <CardBody>
          <ul className="space-y-3.5">
            {disks.map((disk, index) => (
              <li key={`${disk.name} ${index}`}>
                <div className="mb-1.5 flex flex-wrap justify-between gap-x-4">
                  <span className="min-w-0 truncate font-medium">{disk.name}</span>
                  <span className="text-xs text-ink-muted tabular-nums">
                    {Math.floor(disk.utilizationPercent)} % used · {formatBytes(disk.freeBytes)} free of{" "}
                    {formatBytes(disk.totalBytes)}
                  </span>
                </div>
                <Progress
                  label={`${disk.name}: used`}
                  percent={disk.utilizationPercent}
                  tone={
                    disk.utilizationPercent >= 95 ? "bad" : disk.utilizationPercent >= 85 ? "warn" : "accent"
                  }
                />
              </li>
            ))}
          </ul>
        </CardBody>
      )}
    </Card>
  );
}
