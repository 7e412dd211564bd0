import { HardDrive } from "lucide-react";
import type { ReactNode } from "react";

import { count, formatBytes } from "@domain/format";
import { Badge } from "~/ui/badge";
import { Card, CardBody, CardHeader, Facts } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Progress } from "~/ui/progress";
import { ExactTime } from "~/ui/time";

import { joined, systemInfoOf, type Detail } from "./asset-detail";
import { WhyFact } from "./why-fact";

/** The machine's operating system and hardware. */
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
          <WhyFact detail={detail} field="osName" name="Operating system" value={info.osName}>
            {joined(info.osName ?? details?.osType)}
          </WhyFact>
          <WhyFact detail={detail} field="osVersion" name="Version" value={details?.osVersion}>
            {details?.osVersion}
          </WhyFact>
          <WhyFact detail={detail} field="osEndOfLife" name="End of life" value={info.osEndOfLife}>
            {info.osEndOfLife === undefined ? null : info.osEndOfLife ? (
              <Badge tone="warn">Past its end of life</Badge>
            ) : (
              "still supported"
            )}
          </WhyFact>
          <WhyFact detail={detail} field="architecture" name="Architecture" value={info.architecture}>
            {info.architecture}
          </WhyFact>
          <WhyFact detail={detail} field="osInstalledAt" name="System installed" value={info.osInstalledAt}>
            {info.osInstalledAt !== undefined && <ExactTime at={info.osInstalledAt} />}
          </WhyFact>
          <WhyFact detail={detail} field="model" name="Maker and model" value={info.model}>
            {joined(info.manufacturer, info.model)}
          </WhyFact>
          <WhyFact
            detail={detail}
            field="serialNumber"
            name="Serial number"
            value={detail.asset.serialNumber}
          >
            {detail.asset.serialNumber}
          </WhyFact>
          <WhyFact detail={detail} field="cpuModel" name="Processor" value={details?.cpuModel}>
            {joined(details?.cpuModel, details?.cpuCores && `(${count(details.cpuCores, "core")})`)}
          </WhyFact>
          <WhyFact detail={detail} field="ramGb" name="Memory" value={details?.ramGb}>
            {details?.ramGb ? `${details.ramGb} GB` : null}
          </WhyFact>
          <WhyFact detail={detail} field="motherboardModel" name="Motherboard" value={info.motherboardModel}>
            {joined(info.motherboardManufacturer, info.motherboardModel)}
          </WhyFact>
          <WhyFact detail={detail} field="biosVersion" name="BIOS version" value={info.biosVersion}>
            {info.biosVersion}
          </WhyFact>
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

/** A list below the facts; renders nothing if it is empty. */
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
