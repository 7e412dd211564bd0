import { CircleCheck, TriangleAlert } from "lucide-react";

import { findingOf, type AssetFinding } from "@domain/asset-findings";
import type { SystemInfo } from "@domain/system-info";
import { Card, CardBody, CardHeader, Facts } from "~/ui/card";
import { cn } from "~/ui/cn";
import { Progress } from "~/ui/progress";

import { joined, systemInfoOf, type Detail } from "./asset-detail";
import { findingText } from "./finding-text";
import { WhyFact } from "./why-fact";

const isGrave = new Set<AssetFinding>(["endOfLife", "firewallOff", "highRisk"]);

/** The findings about the machine with advice, then the RMM's data about its protection. */
export function SecurityCard({ detail }: { detail: Detail }) {
  const info = systemInfoOf(detail);
  const findings = (detail.details?.findings ?? []).flatMap((word) => findingOf(word) ?? []);
  const machine = {
    type: detail.asset.assetType,
    platform: detail.details?.osType ?? null,
    info,
    disks: detail.details?.disks ?? [],
  };
  return (
    <Card>
      <CardHeader title="Security" />
      <CardBody className="space-y-4">
        {findings.length > 0 ? (
          <ul aria-label="Findings" className="space-y-2.5">
            {findings.map((finding) => {
              const { title, advice } = findingText(finding, machine);
              return (
                <li key={finding} className="flex gap-2.5">
                  <TriangleAlert
                    aria-hidden
                    className={cn(
                      "mt-0.5 size-4 shrink-0",
                      finding === "maintenance"
                        ? "text-ink-faint"
                        : isGrave.has(finding)
                          ? "text-bad"
                          : "text-warn",
                    )}
                  />
                  <div className="min-w-0 text-sm [overflow-wrap:anywhere]">
                    <p className="font-medium">{title}</p>
                    <p className="text-ink-muted">{advice}</p>
                  </div>
                </li>
              );
            })}
          </ul>
        ) : (
          <p className="flex items-center gap-2.5 text-sm">
            <CircleCheck aria-hidden className="size-4 text-good" />
            Nothing that the RMM reports needs attention.
          </p>
        )}
        {info.securityScore !== undefined && <Score value={info.securityScore} />}
        <Facts>
          <WhyFact detail={detail} field="antivirusStatus" name="Antivirus" value={info.antivirusStatus}>
            {joined(info.antivirusProvider, info.antivirusStatus)}
          </WhyFact>
          <WhyFact detail={detail} field="firewallEnabled" name="Firewall" value={info.firewallEnabled}>
            {joined(info.firewallProvider, yesNo(info.firewallEnabled, "on", "off"))}
          </WhyFact>
          <WhyFact
            detail={detail}
            field="primaryPartitionEncrypted"
            name="System drive encrypted"
            value={info.primaryPartitionEncrypted}
          >
            {yesNo(info.primaryPartitionEncrypted)}
          </WhyFact>
          <WhyFact detail={detail} field="securityRisk" name="Security risk" value={info.securityRisk}>
            {info.securityRisk}
          </WhyFact>
          <WhyFact
            detail={detail}
            field="patchCompliance"
            name="Patch compliance"
            value={info.patchCompliance}
          >
            {complianceText(info.patchCompliance)}
          </WhyFact>
          <WhyFact
            detail={detail}
            field="patchSecurityRisk"
            name="Risk from missing patches"
            value={info.patchSecurityRisk}
          >
            {info.patchSecurityRisk}
          </WhyFact>
        </Facts>
      </CardBody>
    </Card>
  );
}

const Score = ({ value }: { value: number }) => (
  <div>
    <div className="mb-1 flex justify-between gap-4 text-sm">
      <span>Security score</span>
      <span className="tabular-nums">
        <span className="font-medium">{value}</span> of 100
      </span>
    </div>
    <Progress label="Security score, of 100" percent={value} />
    <p className="mt-1 text-xs text-ink-faint">Level's score: 0 is worst, 100 is best.</p>
  </div>
);

const yesNo = (value: boolean | undefined, yes = "yes", no = "no"): string | null =>
  value === undefined ? null : value ? yes : no;

/** Some accounts report yes or no, others a percentage. */
function complianceText(value: SystemInfo["patchCompliance"]): string | null {
  switch (typeof value) {
    case "boolean":
      return value ? "compliant" : "not compliant";
    case "number":
      return `${value} % of patches installed`;
    case "string":
      return value;
    default:
      return null;
  }
}
